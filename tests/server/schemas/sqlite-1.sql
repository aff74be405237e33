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
	PRIMARY KEY (pk),
	UNIQUE (id),
	UNIQUE (number)
);
CREATE INDEX appeal_next ON appeal (block, is_open, control_due_at);
CREATE INDEX appeal_seq ON appeal (seq);
CREATE INDEX appeal_snapshot ON appeal (is_open, pk);
CREATE INDEX appeal_of_authority ON appeal (authority, is_open, pk);
CREATE INDEX appeal_next_all ON appeal (is_open, control_due_at);
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
	PRIMARY KEY (account)
);
CREATE TABLE session (
	id VARCHAR NOT NULL,
	account VARCHAR NOT NULL,
	device VARCHAR NOT NULL,
	device_name VARCHAR NOT NULL,
	created_at INTEGER NOT NULL,
	revoked_at INTEGER,
	PRIMARY KEY (id)
);
CREATE INDEX ix_session_account ON session (account);
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
