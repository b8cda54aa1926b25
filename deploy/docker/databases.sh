#!/bin/sh
# Runs once, in an empty PostgreSQL: a database and a user for the bridge, and the same for n8n.
set -eu
for name in soc n8n; do
  password=$(cat "/run/secrets/${name}_database_password")
  # The password goes in as a variable of psql, which quotes it; it never becomes part of the statement's text.
  psql -v ON_ERROR_STOP=1 -v name="$name" -v password="$password" -U "$POSTGRES_USER" <<'SQL'
create user :"name" password :'password';
create database :"name" owner :"name";
SQL
done
