-- What earlier versions derived and nothing reads any more: a database that they wrote still holds it.
DROP VIEW IF EXISTS edges;
DROP VIEW IF EXISTS steps;
DROP VIEW IF EXISTS deliveries;
DROP VIEW IF EXISTS work;
DROP VIEW IF EXISTS verdicts;
DROP VIEW IF EXISTS runs;
DROP VIEW IF EXISTS events;
DROP VIEW IF EXISTS evaluations;
DROP VIEW IF EXISTS edge_claims;
DROP MACRO TABLE IF EXISTS work_between;
DROP MACRO TABLE IF EXISTS work_begun;
DROP VIEW IF EXISTS dead_letters;
DROP MACRO TABLE IF EXISTS records_listed;
DROP MACRO TABLE IF EXISTS runs_found;
DROP MACRO TABLE IF EXISTS events_found;
DROP MACRO TABLE IF EXISTS traces_of_others_found;
DROP VIEW IF EXISTS told_nodes;
DROP VIEW IF EXISTS node_records;
