CREATE TABLE appeal (
	pk INTEGER NOT NULL, 
	generation INTEGER NOT NULL, 
	is_open INTEGER NOT NULL, 
	pending INTEGER NOT NULL, 
	"conflict" INTEGER NOT NULL, 
	due_rank BIGINT NOT NULL, 
	urgency INTEGER NOT NULL, 
	fts INTEGER NOT NULL, 
	words BIGINT NOT NULL, 
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
	PRIMARY KEY (pk), 
	UNIQUE (id)
);

CREATE TABLE appeal_doc (
	pk INTEGER NOT NULL, 
	doc BLOB NOT NULL, 
	applicant BLOB, 
	PRIMARY KEY (pk)
);

CREATE TABLE code (
	id INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);

CREATE TABLE draft (
	appeal VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	number VARCHAR NOT NULL, 
	answer VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	outcome VARCHAR, 
	template VARCHAR, 
	template_version INTEGER, 
	promised_date VARCHAR, 
	evidence VARCHAR NOT NULL, 
	saved_at BIGINT NOT NULL, 
	PRIMARY KEY (appeal, kind)
);

CREATE VIRTUAL TABLE facet USING fts5(words, content='', detail=none, columnsize=0, tokenize="ascii tokenchars '_.=-'");

CREATE TABLE 'facet_config'(k PRIMARY KEY, v) WITHOUT ROWID;

CREATE TABLE 'facet_data'(id INTEGER PRIMARY KEY, block BLOB);

CREATE TABLE 'facet_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;

CREATE TABLE fact (
	pk INTEGER NOT NULL, 
	block INTEGER, 
	topic INTEGER, 
	authority INTEGER, 
	municipality INTEGER, 
	source INTEGER NOT NULL, 
	regime INTEGER NOT NULL, 
	state INTEGER NOT NULL, 
	priority INTEGER NOT NULL, 
	worker INTEGER, 
	item_kind INTEGER, 
	tone INTEGER, 
	outcome INTEGER, 
	rating INTEGER, 
	registered_at BIGINT NOT NULL, 
	answer_seconds INTEGER, 
	is_open INTEGER NOT NULL, 
	is_repeat INTEGER NOT NULL, 
	is_duplicate INTEGER NOT NULL, 
	is_fast_track INTEGER NOT NULL, 
	done_at BIGINT, 
	in_time INTEGER, 
	spent INTEGER, 
	allowed INTEGER, 
	reworks INTEGER NOT NULL, 
	complete INTEGER, 
	PRIMARY KEY (pk)
);

CREATE VIRTUAL TABLE fts_archive USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');

CREATE TABLE 'fts_archive_config'(k PRIMARY KEY, v) WITHOUT ROWID;

CREATE TABLE 'fts_archive_data'(id INTEGER PRIMARY KEY, block BLOB);

CREATE TABLE 'fts_archive_docsize'(id INTEGER PRIMARY KEY, sz BLOB, origin INTEGER);

CREATE TABLE 'fts_archive_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;

CREATE VIRTUAL TABLE fts_open USING fts5(words, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0');

CREATE TABLE 'fts_open_config'(k PRIMARY KEY, v) WITHOUT ROWID;

CREATE TABLE 'fts_open_data'(id INTEGER PRIMARY KEY, block BLOB);

CREATE TABLE 'fts_open_docsize'(id INTEGER PRIMARY KEY, sz BLOB, origin INTEGER);

CREATE TABLE 'fts_open_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;

CREATE TABLE outbox (
	n INTEGER NOT NULL, 
	cid VARCHAR NOT NULL, 
	dseq INTEGER, 
	type VARCHAR NOT NULL, 
	appeal VARCHAR NOT NULL, 
	number VARCHAR NOT NULL, 
	base INTEGER NOT NULL, 
	document BLOB NOT NULL, 
	state VARCHAR NOT NULL, 
	doubt VARCHAR, 
	device_at VARCHAR NOT NULL, 
	PRIMARY KEY (n), 
	UNIQUE (cid), 
	UNIQUE (dseq)
);

CREATE TABLE reference (
	kind VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	generation INTEGER NOT NULL, 
	doc BLOB NOT NULL, 
	PRIMARY KEY (kind, id)
);

CREATE TABLE saved_view (
	code VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	"query" VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	PRIMARY KEY (code)
);

CREATE TABLE settled (
	n INTEGER NOT NULL, 
	cid VARCHAR NOT NULL, 
	type VARCHAR NOT NULL, 
	appeal VARCHAR NOT NULL, 
	number VARCHAR NOT NULL, 
	base INTEGER NOT NULL, 
	document BLOB NOT NULL, 
	device_at VARCHAR NOT NULL, 
	refused INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (n)
);

CREATE TABLE shadow (
	pk INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	"row" BLOB NOT NULL, 
	doc BLOB NOT NULL, 
	applicant BLOB, 
	PRIMARY KEY (pk)
);

CREATE TABLE sync_state (
	k VARCHAR NOT NULL, 
	v VARCHAR NOT NULL, 
	PRIMARY KEY (k)
);

CREATE TABLE tally (
	id INTEGER NOT NULL, 
	block VARCHAR, 
	state VARCHAR NOT NULL, 
	is_open INTEGER NOT NULL, 
	n INTEGER NOT NULL, 
	PRIMARY KEY (id)
);

CREATE TABLE unsent (
	cid VARCHAR NOT NULL, 
	type VARCHAR NOT NULL, 
	appeal VARCHAR NOT NULL, 
	number VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	params VARCHAR NOT NULL, 
	detail VARCHAR NOT NULL, 
	document BLOB NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (cid)
);

CREATE TABLE upload (
	id VARCHAR NOT NULL, 
	appeal VARCHAR NOT NULL, 
	number VARCHAR NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	size INTEGER NOT NULL, 
	media_type VARCHAR NOT NULL, 
	code VARCHAR, 
	params VARCHAR, 
	data BLOB NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (id)
);

CREATE VIRTUAL TABLE words_of_archive USING fts5vocab(fts_archive, row);

CREATE VIRTUAL TABLE words_of_open USING fts5vocab(fts_open, row);

CREATE INDEX all_number ON appeal (number, pk);

CREATE INDEX appeal_communication_error ON appeal (due_rank, pk) WHERE instr(flags,'communication_error')>0;

CREATE INDEX appeal_conflict ON appeal (due_rank, pk) WHERE conflict=1;

CREATE INDEX appeal_conflict_situation ON appeal (due_rank, pk) WHERE instr(flags,'conflict')>0;

CREATE INDEX appeal_escalated ON appeal (due_rank, pk) WHERE instr(flags,'escalated')>0;

CREATE INDEX appeal_mass ON appeal (mass_incident, due_rank, pk) WHERE mass_incident IS NOT NULL;

CREATE INDEX appeal_pending ON appeal (due_rank, pk) WHERE pending>0;

CREATE INDEX appeal_undelivered ON appeal (due_rank, pk) WHERE answer_status IS 'failed';

CREATE INDEX appeal_unindexed ON appeal (pk) WHERE fts=0;

CREATE UNIQUE INDEX code_of ON code (kind, code);

CREATE INDEX fact_done ON fact (done_at, answer_seconds, registered_at, in_time, rating, reworks, block, worker, source) WHERE done_at IS NOT NULL;

CREATE INDEX ix_outbox_appeal ON outbox (appeal);

CREATE INDEX ix_unsent_appeal ON unsent (appeal);

CREATE INDEX ix_upload_appeal ON upload (appeal);

CREATE INDEX open_block_due ON appeal (block, due_rank, pk, state, worker) WHERE is_open=1;

CREATE INDEX open_block_state_due ON appeal (block, state, due_rank, pk, worker) WHERE is_open=1;

CREATE INDEX open_claimed ON appeal (claim_until, block, state) WHERE is_open=1 AND claim_until IS NOT NULL;

CREATE INDEX open_due ON appeal (due_rank, pk, rating, block, state, worker, topic, authority, municipality, source, regime, priority, tone, item_kind, fast_track, mass_incident, is_repeat, is_duplicate, provisional, pending, conflict, claim_until, answered_at, registered_at, tags) WHERE is_open=1;

CREATE INDEX open_fast_track_due ON appeal (due_rank, pk, block) WHERE is_open=1 AND fast_track IS NOT NULL;

CREATE INDEX open_number ON appeal (number, pk, due_rank, rating, block, state, worker, topic, authority, municipality, source, regime, priority, tone, item_kind, fast_track, mass_incident, is_repeat, is_duplicate, provisional, pending, conflict, claim_until, answered_at, registered_at, tags) WHERE is_open=1;

CREATE INDEX open_rating ON appeal (rating, pk, due_rank, block, state, worker, topic, authority, municipality, source, regime, priority, tone, item_kind, fast_track, mass_incident, is_repeat, is_duplicate, provisional, pending, conflict, claim_until, answered_at, registered_at, tags) WHERE is_open=1;

CREATE INDEX open_registered ON appeal (pk, due_rank, rating, block, state, worker, topic, authority, municipality, source, regime, priority, tone, item_kind, fast_track, mass_incident, is_repeat, is_duplicate, provisional, pending, conflict, claim_until, answered_at, registered_at, tags) WHERE is_open=1;

CREATE INDEX open_state_due ON appeal (state, due_rank, pk, block, worker) WHERE is_open=1;

CREATE INDEX open_urgency ON appeal (urgency, due_rank, pk, rating, block, state, worker, topic, authority, municipality, source, regime, priority, tone, item_kind, fast_track, mass_incident, is_repeat, is_duplicate, provisional, pending, conflict, claim_until, answered_at, registered_at, tags) WHERE is_open=1;

CREATE INDEX open_worker_due ON appeal (worker, due_rank, pk, block, state) WHERE is_open=1;

CREATE UNIQUE INDEX tally_of ON tally (ifnull(block, 0), state);
