-- serves from: 1
ALTER TABLE sample.seat ADD COLUMN name text;
