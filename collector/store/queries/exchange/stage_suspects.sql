CREATE OR REPLACE TEMP TABLE incoming_suspects AS SELECT row FROM staged
