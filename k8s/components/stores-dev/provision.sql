-- Roles and rights in the database of Sallyport. Run inside that database by a superuser, as often
-- as you like: the second run changes nothing but the passwords. Needs two settings beforehand:
--   SELECT set_config('sallyport.user_worker_password', '...', false),
--          set_config('sallyport.data_worker_password', '...', false);

DO $$
DECLARE
  worker text;
BEGIN
  FOREACH worker IN ARRAY ARRAY['user_worker', 'data_worker'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = worker) THEN
      EXECUTE format('CREATE ROLE %I', worker);
    END IF;
    EXECUTE format(
      'ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD %L',
      worker, current_setting('sallyport.' || worker || '_password'));
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), worker);
  END LOOP;

  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  -- The data-worker makes its schemas in its migrations; the user-worker's one is made here.
  EXECUTE format('GRANT CREATE ON DATABASE %I TO data_worker', current_database());
END
$$;

CREATE SCHEMA IF NOT EXISTS account AUTHORIZATION user_worker;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
