-- Two roles: one owns the tables and migrates, the other is the site's and may only use them.
CREATE ROLE newsroom_owner LOGIN PASSWORD 'CHANGE THIS';
CREATE ROLE newsroom LOGIN PASSWORD 'AND THIS';
CREATE DATABASE newsroom OWNER newsroom_owner ENCODING 'UTF8' TEMPLATE template0;
\connect newsroom
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT CREATE ON SCHEMA public TO newsroom_owner;
ALTER DEFAULT PRIVILEGES FOR ROLE newsroom_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO newsroom;
ALTER DEFAULT PRIVILEGES FOR ROLE newsroom_owner GRANT USAGE, SELECT ON SEQUENCES TO newsroom;
