CREATE TABLE meta (
	"key" VARCHAR NOT NULL,
	value VARCHAR NOT NULL,
	PRIMARY KEY ("key")
);
CREATE TABLE feed_clock (
	shard VARCHAR NOT NULL,
	v INTEGER NOT NULL,
	floor INTEGER NOT NULL,
	PRIMARY KEY (shard)
);
CREATE TABLE appeal (
	pk INTEGER NOT NULL,
	id VARCHAR NOT NULL,
	number VARCHAR NOT NULL,
	version INTEGER NOT NULL,
	state VARCHAR NOT NULL,
	regime VARCHAR NOT NULL,
	source VARCHAR NOT NULL,
	priority VARCHAR NOT NULL,
	block VARCHAR,
	topic VARCHAR,
	authority VARCHAR,
	municipality VARCHAR,
	worker VARCHAR,
	claim_holder VARCHAR,
	claim_until INTEGER,
	control_due_at INTEGER,
	legal_due_at INTEGER,
	due_clock VARCHAR,
	provisional INTEGER NOT NULL,
	received_at INTEGER NOT NULL,
	registered_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	answered_at INTEGER,
	title VARCHAR NOT NULL,
	item_kind VARCHAR,
	tone VARCHAR,
	fast_track VARCHAR,
	outcome VARCHAR,
	rating INTEGER,
	is_repeat INTEGER NOT NULL,
	is_duplicate INTEGER NOT NULL,
	mass_incident VARCHAR,
	answer_status VARCHAR,
	steps_done INTEGER NOT NULL,
	steps_total INTEGER NOT NULL,
	flags VARCHAR NOT NULL,
	tags VARCHAR NOT NULL,
	seq INTEGER NOT NULL,
	is_open INTEGER NOT NULL,
	restricted INTEGER NOT NULL,
	doc BLOB NOT NULL,
	applicant BLOB NOT NULL,
	registered_day INTEGER DEFAULT '0' NOT NULL,
	registered_month INTEGER DEFAULT '0' NOT NULL,
	in_time INTEGER,
	title_masked VARCHAR,
	erased_at INTEGER,
	PRIMARY KEY (pk),
	UNIQUE (id),
	UNIQUE (number)
);
CREATE INDEX appeal_closed ON appeal (registered_at, pk, block, state, authority, topic, restricted, municipality) WHERE is_open = 0;
CREATE INDEX appeal_closed_worker ON appeal (worker, registered_at, pk) WHERE is_open = 0;
CREATE INDEX appeal_of_authority ON appeal (authority, is_open, pk);
CREATE INDEX appeal_open_due ON appeal (control_due_at, pk, worker, priority, block, state, authority, topic, restricted, claim_until, municipality, tone, source, regime, item_kind, registered_day, registered_month) WHERE is_open = 1 AND control_due_at IS NOT NULL;
CREATE INDEX appeal_open_priority ON appeal (priority, control_due_at, pk, worker, block, state, authority, topic, restricted, claim_until, municipality, tone) WHERE is_open = 1 AND control_due_at IS NOT NULL;
CREATE INDEX appeal_open_registered ON appeal (registered_at, pk, worker, block, state, authority, topic, restricted, claim_until, municipality, tone) WHERE is_open = 1;
CREATE INDEX appeal_open_undated ON appeal (registered_at, pk) WHERE is_open = 1 AND control_due_at IS NULL;
CREATE INDEX appeal_open_worker ON appeal (worker, control_due_at, pk, priority, block, state, authority, topic, restricted, claim_until, municipality, tone) WHERE is_open = 1 AND control_due_at IS NOT NULL;
CREATE INDEX appeal_rated ON appeal (rating, pk, block, state, authority, topic, restricted, worker) WHERE rating IS NOT NULL;
CREATE INDEX appeal_registered ON appeal (registered_at, pk, block, state, authority, topic, municipality, worker, restricted, is_open, control_due_at, answered_at, in_time, rating, outcome, regime, source, priority, tone, item_kind, is_repeat, registered_day, registered_month);
CREATE INDEX appeal_seq ON appeal (seq);
CREATE INDEX appeal_snapshot ON appeal (is_open, pk);
CREATE INDEX appeal_urgent ON appeal (priority, registered_at, pk, is_open, control_due_at, block, state, authority, topic, restricted, worker) WHERE priority != 'normal';
CREATE TABLE former (
	n INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	was INTEGER NOT NULL,
	number VARCHAR NOT NULL,
	state VARCHAR NOT NULL,
	regime VARCHAR NOT NULL,
	source VARCHAR NOT NULL,
	priority VARCHAR NOT NULL,
	block VARCHAR,
	topic VARCHAR,
	authority VARCHAR,
	municipality VARCHAR,
	worker VARCHAR,
	claim_until INTEGER,
	control_due_at INTEGER,
	provisional INTEGER NOT NULL,
	registered_at INTEGER NOT NULL,
	answered_at INTEGER,
	item_kind VARCHAR,
	tone VARCHAR,
	fast_track VARCHAR,
	outcome VARCHAR,
	rating INTEGER,
	is_repeat INTEGER NOT NULL,
	is_duplicate INTEGER NOT NULL,
	mass_incident VARCHAR,
	flags VARCHAR NOT NULL,
	tags VARCHAR NOT NULL,
	is_open INTEGER NOT NULL,
	restricted INTEGER NOT NULL,
	registered_day INTEGER NOT NULL,
	registered_month INTEGER NOT NULL,
	in_time INTEGER,
	PRIMARY KEY (n)
);
CREATE INDEX ix_former_seq ON former (seq);
CREATE TABLE moved (
	n INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	id VARCHAR NOT NULL,
	block VARCHAR,
	authority VARCHAR,
	restricted INTEGER NOT NULL,
	at INTEGER NOT NULL,
	PRIMARY KEY (n)
);
CREATE INDEX ix_moved_seq ON moved (seq);
CREATE TABLE deleted (
	id VARCHAR NOT NULL,
	seq INTEGER NOT NULL,
	version INTEGER NOT NULL,
	block VARCHAR,
	authority VARCHAR,
	restricted INTEGER NOT NULL,
	at INTEGER NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX ix_deleted_seq ON deleted (seq);
CREATE TABLE reference (
	kind VARCHAR NOT NULL,
	id VARCHAR NOT NULL,
	version INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	doc BLOB NOT NULL,
	PRIMARY KEY (kind, id)
);
CREATE INDEX ix_reference_seq ON reference (seq);
CREATE TABLE original (
	appeal VARCHAR NOT NULL,
	media_type VARCHAR NOT NULL,
	sha256 VARCHAR NOT NULL,
	data BLOB NOT NULL,
	PRIMARY KEY (appeal)
);
CREATE TABLE day_counter (
	day VARCHAR NOT NULL,
	n INTEGER NOT NULL,
	PRIMARY KEY (day)
);
CREATE TABLE device (
	account VARCHAR NOT NULL,
	device VARCHAR NOT NULL,
	last_dseq INTEGER NOT NULL,
	PRIMARY KEY (account, device)
);
CREATE TABLE settled (
	id VARCHAR NOT NULL,
	account VARCHAR NOT NULL,
	fingerprint VARCHAR NOT NULL,
	appeal VARCHAR NOT NULL,
	status VARCHAR NOT NULL,
	version INTEGER,
	code VARCHAR,
	params VARCHAR,
	at INTEGER NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE journal (
	n INTEGER NOT NULL,
	at VARCHAR NOT NULL,
	device_at VARCHAR,
	account VARCHAR NOT NULL,
	role VARCHAR NOT NULL,
	type VARCHAR NOT NULL,
	appeal VARCHAR,
	number VARCHAR,
	"before" INTEGER,
	"after" INTEGER,
	command VARCHAR,
	payload_sha256 VARCHAR NOT NULL,
	prev VARCHAR NOT NULL,
	hash VARCHAR NOT NULL,
	PRIMARY KEY (n)
);
CREATE INDEX ix_journal_appeal ON journal (appeal);
CREATE TABLE journal_payload (
	n INTEGER NOT NULL,
	data BLOB NOT NULL,
	PRIMARY KEY (n)
);
CREATE TABLE journal_head (
	shard VARCHAR NOT NULL,
	n INTEGER NOT NULL,
	hash VARCHAR NOT NULL,
	PRIMARY KEY (shard)
);
CREATE TABLE account (
	account VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	role VARCHAR NOT NULL,
	blocks VARCHAR NOT NULL,
	authority VARCHAR,
	password VARCHAR NOT NULL,
	blocked INTEGER NOT NULL,
	version INTEGER NOT NULL,
	sso VARCHAR,
	PRIMARY KEY (account)
);
CREATE UNIQUE INDEX ix_account_sso ON account (sso);
CREATE TABLE session (
	id VARCHAR NOT NULL,
	account VARCHAR NOT NULL,
	device VARCHAR NOT NULL,
	device_name VARCHAR NOT NULL,
	created_at INTEGER NOT NULL,
	revoked_at INTEGER,
	by_office INTEGER DEFAULT '0' NOT NULL,
	wipe INTEGER DEFAULT '0' NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX ix_session_account ON session (account);
CREATE TABLE attempt (
	name VARCHAR NOT NULL,
	origin VARCHAR NOT NULL,
	failures INTEGER NOT NULL,
	until INTEGER NOT NULL,
	at INTEGER NOT NULL,
	PRIMARY KEY (name, origin)
);
CREATE INDEX ix_attempt_at ON attempt (at);
CREATE TABLE token (
	hash VARCHAR NOT NULL,
	session VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	expires_at INTEGER NOT NULL,
	used_at INTEGER,
	repeated INTEGER NOT NULL,
	PRIMARY KEY (hash)
);
CREATE INDEX ix_token_session ON token (session);
CREATE TABLE blob (
	sha256 VARCHAR NOT NULL,
	size INTEGER NOT NULL,
	media_type VARCHAR NOT NULL,
	data BLOB NOT NULL,
	PRIMARY KEY (sha256)
);
CREATE TABLE blob_part (
	account VARCHAR NOT NULL,
	sha256 VARCHAR NOT NULL,
	start INTEGER NOT NULL,
	total INTEGER NOT NULL,
	data BLOB NOT NULL,
	at INTEGER NOT NULL,
	PRIMARY KEY (account, sha256, start)
);
CREATE INDEX ix_blob_part_at ON blob_part (at);
CREATE TABLE blob_owner (
	sha256 VARCHAR NOT NULL,
	account VARCHAR NOT NULL,
	PRIMARY KEY (sha256, account)
);
CREATE TABLE appeal_file (
	sha256 VARCHAR NOT NULL,
	appeal VARCHAR NOT NULL,
	PRIMARY KEY (sha256, appeal)
);
CREATE VIRTUAL TABLE search_index USING fts5(tokens, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 0 tokenchars '=._-'");
