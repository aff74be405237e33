CREATE TABLE meta (
	key VARCHAR NOT NULL,
	value VARCHAR NOT NULL,
	PRIMARY KEY (key)
);
CREATE TABLE feed_clock (
	shard VARCHAR NOT NULL,
	v BIGINT NOT NULL,
	floor BIGINT NOT NULL,
	PRIMARY KEY (shard)
);
CREATE TABLE appeal (
	pk BIGSERIAL NOT NULL,
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
	claim_until BIGINT,
	control_due_at BIGINT,
	legal_due_at BIGINT,
	due_clock VARCHAR,
	provisional INTEGER NOT NULL,
	received_at BIGINT NOT NULL,
	registered_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	answered_at BIGINT,
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
	seq BIGINT NOT NULL,
	is_open INTEGER NOT NULL,
	restricted INTEGER NOT NULL,
	doc BYTEA NOT NULL,
	applicant BYTEA NOT NULL,
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
	n BIGSERIAL NOT NULL,
	seq BIGINT NOT NULL,
	id VARCHAR NOT NULL,
	block VARCHAR,
	authority VARCHAR,
	restricted INTEGER NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (n)
);
CREATE INDEX ix_moved_seq ON moved (seq);
CREATE TABLE deleted (
	id VARCHAR NOT NULL,
	seq BIGINT NOT NULL,
	version INTEGER NOT NULL,
	block VARCHAR,
	authority VARCHAR,
	restricted INTEGER NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX ix_deleted_seq ON deleted (seq);
CREATE TABLE reference (
	kind VARCHAR NOT NULL,
	id VARCHAR NOT NULL,
	version INTEGER NOT NULL,
	seq BIGINT NOT NULL,
	doc BYTEA NOT NULL,
	PRIMARY KEY (kind, id)
);
CREATE INDEX ix_reference_seq ON reference (seq);
CREATE TABLE original (
	appeal VARCHAR NOT NULL,
	media_type VARCHAR NOT NULL,
	sha256 VARCHAR NOT NULL,
	data BYTEA NOT NULL,
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
	last_dseq BIGINT NOT NULL,
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
	at BIGINT NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE journal (
	n BIGINT NOT NULL,
	at VARCHAR NOT NULL,
	device_at VARCHAR,
	account VARCHAR NOT NULL,
	role VARCHAR NOT NULL,
	type VARCHAR NOT NULL,
	appeal VARCHAR,
	number VARCHAR,
	before INTEGER,
	after INTEGER,
	command VARCHAR,
	payload_sha256 VARCHAR NOT NULL,
	prev VARCHAR NOT NULL,
	hash VARCHAR NOT NULL,
	PRIMARY KEY (n)
);
CREATE INDEX ix_journal_appeal ON journal (appeal);
CREATE TABLE journal_payload (
	n BIGINT NOT NULL,
	data BYTEA NOT NULL,
	PRIMARY KEY (n)
);
CREATE TABLE journal_head (
	shard VARCHAR NOT NULL,
	n BIGINT NOT NULL,
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
	created_at BIGINT NOT NULL,
	revoked_at BIGINT,
	PRIMARY KEY (id)
);
CREATE INDEX ix_session_account ON session (account);
CREATE TABLE token (
	hash VARCHAR NOT NULL,
	session VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	expires_at BIGINT NOT NULL,
	used_at BIGINT,
	repeated INTEGER NOT NULL,
	PRIMARY KEY (hash)
);
CREATE INDEX ix_token_session ON token (session);
CREATE TABLE blob (
	sha256 VARCHAR NOT NULL,
	size INTEGER NOT NULL,
	media_type VARCHAR NOT NULL,
	data BYTEA NOT NULL,
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
