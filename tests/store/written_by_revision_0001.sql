BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE answer (
	etag VARCHAR(100) NOT NULL, 
	media_type VARCHAR(100) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	size INTEGER NOT NULL, 
	stored INTEGER NOT NULL, 
	used INTEGER NOT NULL, 
	body BLOB NOT NULL, 
	CONSTRAINT pk_answer PRIMARY KEY (etag)
);
CREATE TABLE event (
	run INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	task INTEGER, 
	data TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_event PRIMARY KEY (run, number), 
	CONSTRAINT fk_event_run FOREIGN KEY(run) REFERENCES run (number) ON DELETE CASCADE
);
INSERT INTO "event" VALUES(1,1,'accepted',NULL,'{"total":2}','2026-11-23 01:34:13.421458');
INSERT INTO "event" VALUES(1,2,'started',NULL,'{}','2026-11-23 01:34:13.491979');
INSERT INTO "event" VALUES(1,3,'tasks',NULL,'{"changed":{"succeeded":[[0,0]]},"counts":{"total":2,"succeeded":1,"failed":0,"cancelled":0}}','2026-11-23 01:34:13.515883');
CREATE TABLE idempotency (
	asker VARCHAR(200) NOT NULL, 
	"key" VARCHAR(255) NOT NULL, 
	body_sha256 VARCHAR(64) NOT NULL, 
	run INTEGER NOT NULL, 
	CONSTRAINT pk_idempotency PRIMARY KEY (asker, "key"), 
	CONSTRAINT fk_idempotency_run FOREIGN KEY(run) REFERENCES run (number) ON DELETE CASCADE
);
CREATE TABLE "plan" (
	number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name VARCHAR(200) NOT NULL, 
	fingerprint VARCHAR(64) NOT NULL, 
	stored_by VARCHAR(200) NOT NULL, 
	stored_at DATETIME NOT NULL, 
	retired_at DATETIME, 
	body BLOB NOT NULL
);
CREATE TABLE result (
	task INTEGER NOT NULL, 
	media_type VARCHAR(100) NOT NULL, 
	etag VARCHAR(100) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	size INTEGER NOT NULL, 
	body BLOB NOT NULL, 
	CONSTRAINT pk_result PRIMARY KEY (task), 
	CONSTRAINT fk_result_task FOREIGN KEY(task) REFERENCES task (id) ON DELETE CASCADE
);
INSERT INTO "result" VALUES(1,'application/json','9d709bba0358da8fdf5600bb3692fa32d0aa2a19a08152cf4307e0b4240e71ac','9d709bba0358da8fdf5600bb3692fa32d0aa2a19a08152cf4307e0b4240e71ac',11,X'1F8B0800000000000003AB562A4BCC294D55B232AF050054458BB90B000000');
CREATE TABLE run (
	number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR(32) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	cancelling BOOLEAN NOT NULL, 
	asker VARCHAR(200) NOT NULL, 
	"plan" VARCHAR(200) NOT NULL, 
	request TEXT, 
	priority INTEGER NOT NULL, 
	total INTEGER NOT NULL, 
	succeeded INTEGER NOT NULL, 
	failed INTEGER NOT NULL, 
	cancelled INTEGER NOT NULL, 
	last_event INTEGER NOT NULL, 
	accepted_at DATETIME NOT NULL, 
	started_at DATETIME, 
	finished_at DATETIME, 
	CONSTRAINT ck_run_kind CHECK (kind IN ('run', 'batch')), 
	CONSTRAINT ck_run_state CHECK (state IN ('queued', 'running', 'succeeded', 'partial', 'failed', 'cancelled')), 
	CONSTRAINT ck_run_counts CHECK (succeeded + failed + cancelled <= total), 
	CONSTRAINT uq_run_id UNIQUE (id)
);
INSERT INTO "run" VALUES(1,'e3527d41af1143298cb7e1e485380788','batch','running',0,'','tiny',NULL,10,2,1,0,0,3,'2026-11-23 01:34:13.418200','2026-11-23 01:34:13.491979',NULL);
CREATE TABLE task (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	run INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	priority INTEGER NOT NULL, 
	payload TEXT NOT NULL, 
	attempt INTEGER NOT NULL, 
	deaths INTEGER NOT NULL, 
	owner VARCHAR(200), 
	beat INTEGER NOT NULL, 
	lease DOUBLE, 
	fraction DOUBLE, 
	note TEXT, 
	problem TEXT, 
	started_at DATETIME, 
	finished_at DATETIME, 
	CONSTRAINT ck_task_owner CHECK ((state = 'running') = (owner IS NOT NULL)), 
	CONSTRAINT ck_task_state CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')), 
	CONSTRAINT fk_task_run FOREIGN KEY(run) REFERENCES run (number) ON DELETE CASCADE
);
INSERT INTO "task" VALUES(1,1,0,'succeeded',10,'{"plan":"p","question":{"kind":"what_if","number":0}}',1,0,NULL,0,NULL,NULL,NULL,NULL,'2026-11-23 01:34:13.490953','2026-11-23 01:34:13.516286');
INSERT INTO "task" VALUES(2,1,1,'running',10,'{"plan":"p","question":{"kind":"what_if","number":1}}',1,0,'gone',0,60.0,NULL,NULL,NULL,'2026-11-23 01:34:13.530525',NULL);
CREATE INDEX ix_answer_used ON answer (used);
CREATE INDEX ix_plan_fingerprint ON "plan" (fingerprint);
CREATE UNIQUE INDEX ix_plan_name_fingerprint ON "plan" (name, fingerprint);
CREATE INDEX ix_run_asker ON run (asker);
CREATE INDEX ix_run_plan ON run ("plan");
CREATE INDEX ix_run_state_finished_at ON run (state, finished_at);
CREATE INDEX ix_event_run_task ON event (run, task);
CREATE INDEX ix_idempotency_run ON idempotency (run);
CREATE INDEX ix_task_held ON task (run) WHERE state = 'running';
CREATE UNIQUE INDEX ix_task_run_position ON task (run, position);
CREATE INDEX ix_task_waiting ON task (priority, id) WHERE state = 'queued';
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('run',1);
INSERT INTO "sqlite_sequence" VALUES('task',2);
COMMIT;
