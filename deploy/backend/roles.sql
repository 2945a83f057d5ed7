-- Who may do what in the backend's database. Run it as the database's superuser, in the database itself, before the
-- first `backend migrate` and again after an update; it changes nothing that is right already:
--
--     psql -v ON_ERROR_STOP=1 -d loket -f deploy/backend/roles.sql
--
-- loket_owner   owns the tables and changes them: only `backend migrate` logs in with it
-- loket_app     the web server: reads and writes rows, changes no table, and takes nothing away from the record
-- loket_backup  reads everything, for backup.sh
--
-- Passwords are set apart (`\password loket_app`), or none: a local socket with peer authentication needs none.

SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT CONNECTION LIMIT %s', name, most)
FROM (VALUES ('loket_owner', 5), ('loket_app', 100), ('loket_backup', 3)) AS wanted (name, most)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

-- PostgreSQL's log repeats a statement that failed, and the row that it failed on: a person's. It gets the error alone.
SELECT format('ALTER ROLE %I SET %s', name, setting)
FROM unnest(ARRAY['loket_owner', 'loket_app']) AS name,
     unnest(ARRAY['log_error_verbosity = terse', 'log_min_error_statement = panic']) AS setting \gexec

-- The schema is the owner's; nobody else makes a table here, and no other account of the machine comes in.
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()) \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO loket_owner, loket_app, loket_backup', current_database()) \gexec
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO loket_owner;
GRANT USAGE ON SCHEMA public TO loket_app, loket_backup;

-- What is there, and what the owner will make.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO loket_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO loket_app;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO loket_backup;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO loket_backup;
ALTER DEFAULT PRIVILEGES FOR ROLE loket_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO loket_app;
ALTER DEFAULT PRIVILEGES FOR ROLE loket_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO loket_app;
ALTER DEFAULT PRIVILEGES FOR ROLE loket_owner IN SCHEMA public GRANT SELECT ON TABLES TO loket_backup;
ALTER DEFAULT PRIVILEGES FOR ROLE loket_owner IN SCHEMA public GRANT SELECT ON SEQUENCES TO loket_backup;

-- The record: what kiosks sent, what money did and what people did is not taken away by whoever holds the web server.
-- Of entries and dead letters the body may change, because erasure empties it; of the audit log nothing may.
-- (These tables are there after the first `backend migrate`; that is why this runs again after it.)
SELECT format('REVOKE DELETE, TRUNCATE ON %I FROM loket_app', tablename)
FROM pg_tables
WHERE schemaname = 'public' AND tablename IN (
    'requests_storedentry', 'requests_deadletter', 'requests_request', 'requests_payment', 'requests_opencase',
    'requests_terminalday', 'requests_statechange', 'requests_deskpayment', 'appointments_appointmentchange',
    'fleet_kiosk', 'fleet_retiredkey', 'accounts_auditentry', 'editions_edition'
) \gexec
SELECT format('REVOKE UPDATE ON %I FROM loket_app', tablename)
FROM pg_tables WHERE schemaname = 'public' AND tablename IN ('editions_edition', 'fleet_retiredkey') \gexec
-- An account that is deleted leaves its name in the log (`who`); that one reference may be emptied.
SELECT 'REVOKE UPDATE ON accounts_auditentry FROM loket_app; GRANT UPDATE (staff_id) ON accounts_auditentry TO loket_app'
WHERE EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public' AND tablename = 'accounts_auditentry') \gexec
-- How far the tables are is the owner's to write.
SELECT 'REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM loket_app'
WHERE EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public' AND tablename = 'django_migrations') \gexec
