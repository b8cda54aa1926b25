import { sqlText } from '../../../nodes-host/sql-text';

/** Fills in `{{ word }}` and keeps what it was asked to. */
function evaluation() {
  const asked: string[] = [];
  const evaluate = (text: string) => {
    asked.push(text);
    return text.replace('{{ word }}', '{{ planted }}');
  };
  return { asked, evaluate };
}

describe('SQL of a node', () => {
  it('of the editor is filled in once', () => {
    const { asked, evaluate } = evaluation();
    const stored = "SELECT '{{ word }}'";
    expect(sqlText({ stored, value: stored, evaluate })).toBe("SELECT '{{ planted }}'");
    expect(asked).toEqual([stored]);
  });

  it.each([
    ['an expression', '={{ $json.sql }}', "SELECT '{{ $env.SECRET }}'"],
    ['text without braces', 'SELECT 1', 'SELECT 1'],
    [
      "a template of Panther's",
      '-- pragma: template\nSELECT {{ macro() }}',
      '-- pragma: template\nSELECT {{ macro() }}',
    ],
    ['nothing', undefined, null],
    ['a value that is no text', 7, 7],
  ])('from %s is passed on as n8n gives it', (_, stored, value) => {
    const { asked, evaluate } = evaluation();
    expect(sqlText({ stored, value, evaluate })).toBe(value);
    expect(asked).toEqual([]);
  });
});
