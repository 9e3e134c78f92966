-- The two roles of an installation and their rights, for a database that exists and is empty.
-- Run once, as a superuser, on that database; running it again changes nothing but the passwords:
--   MLA_OWNER_PASSWORD=... MLA_APP_PASSWORD=... psql -f docs/roles.sql mla
-- mla_owner owns the tables and is used by `manage.py migrate` alone. mla_app is the application: it owns
-- nothing, and the migrations take from it the right to change or delete audit entries and evidence.
\set ON_ERROR_STOP on
\getenv owner_password MLA_OWNER_PASSWORD
\getenv app_password MLA_APP_PASSWORD

select format('create role %I login', name)
from unnest(array['mla_owner', 'mla_app']) as name
where not exists (select from pg_roles where rolname = name) \gexec

alter role mla_owner with nosuperuser nocreatedb nocreaterole password :'owner_password';
alter role mla_app with nosuperuser nocreatedb nocreaterole password :'app_password';

select format('alter database %I owner to mla_owner', current_database()) \gexec
select format('revoke all on database %I from public', current_database()) \gexec
select format('grant connect on database %I to mla_app', current_database()) \gexec

-- Extensions want a superuser, or the owner of the database for the trusted ones; both of these are trusted.
create extension if not exists pg_trgm;
create extension if not exists unaccent;

revoke create on schema public from public;
grant usage, create on schema public to mla_owner;
grant usage on schema public to mla_app;

alter default privileges for role mla_owner grant select, insert, update, delete on tables to mla_app;
alter default privileges for role mla_owner grant usage, select on sequences to mla_app;
