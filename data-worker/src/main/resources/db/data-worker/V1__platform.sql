COMMENT ON SCHEMA data_platform IS 'What the data-worker keeps about itself';
COMMENT ON TABLE data_platform.schema_version IS
  'One row: the version of all tables of the data-worker, and the oldest release that can use them';
