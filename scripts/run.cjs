// Kept in the oldest syntax there is, so that an unsupported Node prints a line instead of a syntax error.
var major = parseInt(process.versions.node, 10);
if (major < 20) {
  process.stderr.write('Node ' + process.versions.node + ' is too old: this project needs Node 20 or newer.\n');
  process.exit(1);
}
var name = process.argv.splice(2, 1)[0];
import(`./${name}.mjs`);
