# Run once by the image's entrypoint, when the data folder is new and the server listens to nobody yet.
# Passwords come from the environment and never appear in a command line.
psql -v ON_ERROR_STOP=1 --no-password --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv user_worker USER_WORKER_PASSWORD
\getenv data_worker DATA_WORKER_PASSWORD
SELECT set_config('sallyport.user_worker_password', :'user_worker', false),
       set_config('sallyport.data_worker_password', :'data_worker', false) \g /dev/null
\i /provision/provision.sql
SQL
