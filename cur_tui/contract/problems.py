"""Every way in which something can be refused: a stable code, its HTTP status and its sentence.

One catalogue serves the server's problem details, the workstation's messages and the headless program,
so that a person reads the same sentence wherever a rule stops them. Sentences are msgids of the
catalogues and say what to do.
"""

from dataclasses import dataclass

from cur_tui.domain.refusal import Refused
from cur_tui.i18n import N_, translator

PROBLEM_TYPE = "urn:cur:problem:"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem."""

    status: int
    sentence: str


PROBLEMS: dict[str, Kind] = {
    # --- input ---
    "malformed": Kind(400, N_("The request cannot be read: {reason}. Nothing has changed.")),
    "unknown_command": Kind(422, N_("There is no command «{command}». Did you mean «{nearest}»?")),
    "unknown_field": Kind(
        422, N_("The command «{command}» has no field «{field}». Did you mean «{nearest}»?")
    ),
    "missing_field": Kind(422, N_("The command «{command}» needs the field «{field}».")),
    "empty_field": Kind(422, N_("Fill in «{field}».")),
    "invalid_value": Kind(422, N_("«{value}» does not fit the field «{field}». Check it and try again.")),
    "too_long": Kind(422, N_("«{field}» is longer than {limit} characters. Shorten it.")),
    "unknown_reference": Kind(422, N_("There is no «{value}» among the known values of «{field}».")),
    "file_missing": Kind(
        422,
        N_(
            "The server does not have the file «{name}»: it never came whole, or the server was restored from"
            " a backup. Attach the file again."
        ),
    ),
    "nothing_to_change": Kind(422, N_("Nothing to change was given.")),
    "page_out_of_reach": Kind(
        422,
        N_(
            "Pages reach {limit} requests deep. Ask for an earlier period: end_date is the"
            " requested_datetime of the last request you have."
        ),
    ),
    "date_in_the_past": Kind(422, N_("The date {value} is in the past. Choose a later one.")),
    # --- lifecycle ---
    "transition_not_allowed": Kind(
        409, N_("«{command}» is not possible in the state «{state}». Possible now: {allowed}.")
    ),
    "version_conflict": Kind(
        409,
        N_("{by} changed appeal {number} meanwhile ({what}). Look at it again; your text is kept."),
    ),
    "claimed_by_other": Kind(409, N_("Appeal {number} is held by {holder}. Take another one.")),
    "already_assigned": Kind(409, N_("The appeal is with «{authority}» already.")),
    "no_assignment": Kind(409, N_("Appeal {number} has not been assigned to anybody yet.")),
    "return_window_over": Kind(
        409, N_("The time to return this appeal ended at {until}. Ask the supervisor.")
    ),
    "topic_of_other_block": Kind(
        422, N_("The topic «{topic}» belongs to the block «{expected}», not to «{block}».")
    ),
    "fz59_needs_special_handling": Kind(
        409, N_("A statutory appeal cannot be rejected. Use special handling (59-ФЗ, art. 11) or forward it.")
    ),
    "regime_of_channel": Kind(
        422,
        N_("An appeal of the regime «{regime}» is not lodged by this channel ({source}). Choose another."),
    ),
    "special_handling_needs_fz59": Kind(
        409, N_("Special handling (59-ФЗ, art. 11) is for statutory appeals. Reject this or forward it.")
    ),
    "correspondence_ended_by_head": Kind(
        403, N_("Only a head may end a correspondence (59-ФЗ, art. 11, part 5). Ask the supervisor.")
    ),
    "appeal_full": Kind(
        409, N_("Appeal {number} holds as much text as fits into one. Write less, or go on in a linked one.")
    ),
    "appeal_open": Kind(409, N_("Work on appeal {number} is not finished. Close it first.")),
    "appeal_erased": Kind(
        409, N_("The personal data of appeal {number} have been erased. Nothing can be added to it.")
    ),
    "link_to_itself": Kind(422, N_("An appeal cannot be linked to itself.")),
    "head_cannot_join": Kind(
        409,
        N_("Appeal {number} leads a mass incident itself. Let it lead no longer before it joins another."),
    ),
    "member_cannot_lead": Kind(
        409, N_("Appeal {number} belongs to a mass incident. Take it out before it leads one.")
    ),
    "mass_answer_personal": Kind(
        422,
        N_(
            "All members of the incident get this text. Take the name and contacts of the author of {number} "
            "out."
        ),
    ),
    "cuts_need_contact": Kind(
        409, N_("Cuts are shared by the server, and there is no contact. Keep it for yourself, or try again.")
    ),
    "related_needs_contact": Kind(
        409, N_("Likenesses and mass incidents are known to the server, and there is no contact. Try again.")
    ),
    "no_policy": Kind(422, N_("The region profile has no terms for «{regime}» with priority «{priority}».")),
    # --- answers ---
    "unresolved_placeholders": Kind(422, N_("Fill in the placeholders before sending: {names}.")),
    "checklist_incomplete": Kind(409, N_("Finish or skip these checklist steps first: {steps}.")),
    "evidence_required": Kind(422, N_("Step {step} needs its evidence: {evidence}.")),
    "no_checklist": Kind(409, N_("No checklist has been started for appeal {number}.")),
    "checklist_already_started": Kind(409, N_("The checklist «{fast_track}» is running already.")),
    "step_is_open": Kind(409, N_("Step {step} is open already.")),
    "answer_already_submitted": Kind(409, N_("This answer has been submitted already.")),
    "answer_not_waiting": Kind(409, N_("This answer does not wait for approval (it is «{status}»).")),
    "author_cannot_approve": Kind(403, N_("An author cannot approve their own answer. Ask a colleague.")),
    "text_changed": Kind(409, N_("The text is not the one you read. Open the answer again.")),
    "delivery_under_way": Kind(
        409, N_("The text is being sent at this moment. Wait for what becomes of it.")
    ),
    "no_delivery_sheet": Kind(
        422, N_("This is no list of deliveries: it lacks the columns «{first}» and «{second}».")
    ),
    "signature_invalid": Kind(
        401, N_("The signature does not fit. Check the key and the clock of the sender.")
    ),
    "not_deliverable": Kind(409, N_("This text cannot be delivered now (it is «{status}»).")),
    "several_texts": Kind(409, N_("Several texts wait for delivery. Name one with --answer: {answers}.")),
    "no_alert": Kind(409, N_("No alert of appeal {number} waits for you.")),
    "already_rated": Kind(409, N_("The answer has been rated already: {rating}. The first rating counts.")),
    # --- terms ---
    "no_final_term": Kind(409, N_("Appeal {number} has no running final term to extend.")),
    "term_not_extendable": Kind(
        409, N_("Only a term in calendar days can be extended. Give an interim answer instead.")
    ),
    "extension_too_long": Kind(422, N_("A term can be extended by 1 to {limit} days, not by {days}.")),
    "extension_twice": Kind(409, N_("The term has been extended once already.")),
    "extension_too_late": Kind(409, N_("The term ended at {due}; it could be extended only before.")),
    # --- this machine ---
    "no_region": Kind(
        409, N_("The region profile has not arrived yet. Connect to the server and sync once.")
    ),
    "not_signed_in": Kind(
        401,
        N_("Nobody has signed in to «{profile}» here yet. Run: cur login --server ADDRESS --user NAME"),
    ),
    "nothing_to_undo": Kind(409, N_("There is nothing left to take back: everything has been sent.")),
    "table_too_large": Kind(
        422,
        N_("The table would have more than {limit} cells. Narrow the query or take a coarser dimension."),
    ),
    "unknown_view": Kind(422, N_("There is no queue «{view}». There are: {known}.")),
    "next_needs_contact": Kind(
        409, N_("The next appeal is given out by the server, and there is no contact. Claim one yourself.")
    ),
    "deliveries_need_contact": Kind(
        409, N_("The way of the answers is known to the server, and there is no contact. Try again.")
    ),
    "disclosure_needs_contact": Kind(
        409,
        N_("Personal data are opened by the server, and there is no contact. Try again when there is."),
    ),
    "queue_empty": Kind(404, N_("No appeal that nobody holds is left here.")),
    "file_unreadable": Kind(422, N_("The file {path} cannot be read: {reason}.")),
    "file_not_utf8": Kind(422, N_("The file {path} is not UTF-8 text. Save it as UTF-8.")),
    # --- rights and identity ---
    "not_permitted": Kind(403, N_("Your role does not allow «{command}».")),
    "not_found": Kind(404, N_("There is no such appeal among those you may see.")),
    "sign_in_failed": Kind(401, N_("The name or the password is wrong.")),
    "token_expired": Kind(401, N_("Your session has ended. Sign in again; your work is kept.")),
    "token_invalid": Kind(401, N_("You are not signed in. Sign in; your work is kept.")),
    "api_key_missing": Kind(403, N_("A key is needed: give it as api_key.")),
    "api_key_invalid": Kind(403, N_("This api_key is not known here, or it has been revoked.")),
    "api_key_scope": Kind(403, N_("This api_key does not allow this.")),
    "api_key_exists": Kind(409, N_("There is a key named «{name}» already. Choose another name.")),
    "unknown_api_key": Kind(404, N_("There is no valid key «{id}».")),
    "open311_off": Kind(404, N_("Open311 is not offered here.")),
    "unknown_jurisdiction": Kind(404, N_("There is no jurisdiction_id «{value}» here.")),
    "service_not_found": Kind(404, N_("There is no service_code «{value}».")),
    "token_not_found": Kind(404, N_("There is no such token.")),
    "parameter_missing": Kind(400, N_("«{field}» was not given.")),
    "repeat_key_reused": Kind(422, N_("This Idempotency-Key was used before for another request.")),
    "too_many_attempts": Kind(429, N_("Too many attempts. Try again in {seconds} seconds.")),
    "access_ended": Kind(
        401, N_("The administrator has ended your access. What you have not sent is kept on this machine.")
    ),
    "password_wrong": Kind(422, N_("The present password is wrong. Nothing has changed.")),
    "unknown_account": Kind(404, N_("There is no account «{account}».")),
    "unknown_session": Kind(404, N_("The account has no session «{session}».")),
    "sso_taken": Kind(409, N_("«{value}» signs in to another account already.")),
    "sso_off": Kind(404, N_("This server takes passwords only. Sign in with your name and password.")),
    "sso_denied": Kind(403, N_("The sign-in was declined at the identity provider. Begin anew.")),
    "sso_expired": Kind(410, N_("The time for this sign-in is over. Begin anew.")),
    "sso_no_account": Kind(
        403,
        N_("The identity provider knows you, but no account here is linked with you. Ask the administrator."),
    ),
    "sso_unavailable": Kind(
        503, N_("The identity provider cannot be used now. Try again, or sign in with your password.")
    ),
    "account_exists": Kind(409, N_("There is an account «{account}» already. Choose another name.")),
    "password_length": Kind(422, N_("A password has {least} to {most} characters. Choose a longer one.")),
    # --- protocol ---
    "unknown_path": Kind(404, N_("There is no such address on this server. Check the server's address.")),
    "method_not_allowed": Kind(405, N_("This address does not take such a request.")),
    "resync": Kind(410, N_("The change feed must be read anew. This happens by itself.")),
    "scope_changed": Kind(409, N_("What you may see has changed. The list is being renewed.")),
    "order": Kind(409, N_("Commands came out of order; the device will offer them again.")),
    "key_reused": Kind(422, N_("The command id was used before for something else.")),
    "batch_too_large": Kind(413, N_("At most {limit} commands fit into one request.")),
    "too_large": Kind(413, N_("The file is larger than {limit} bytes. Make it smaller or split it.")),
    "type_not_allowed": Kind(415, N_("Files of the type «{type}» are not accepted.")),
    "file_empty": Kind(422, N_("The file is empty. Choose another one.")),
    "import_incomplete": Kind(
        409, N_("The file is not here yet: {received} of {size} bytes. Send the rest first.")
    ),
    "import_not_found": Kind(404, N_("There is no such import, and no such row of the quarantine.")),
    "import_needs_contact": Kind(
        409, N_("Imports are done by the server, and there is no contact. Try again when there is.")
    ),
    "row_settled": Kind(409, N_("Somebody has settled this row of the quarantine meanwhile.")),
    "hash_mismatch": Kind(422, N_("The file was damaged on its way. Send it again.")),
    "schema_too_old": Kind(
        426, N_("This program is too old for the server. Reading works; update it to send.")
    ),
    "busy": Kind(503, N_("The regional database is busy. Try again in a moment; nothing has changed.")),
    "storage_full": Kind(507, N_("The server's disk is full. Nothing has changed; tell the administrator.")),
    "internal": Kind(500, N_("The server failed. Nothing has changed; the incident is {incident}.")),
}


def sentence(code: str, params: dict[str, str], language: str) -> str:
    """The sentence of a problem in ``language`` ("ru" or "en"); unknown codes read as the code itself."""
    kind = PROBLEMS.get(code)
    if kind is None:
        return code
    template = translator(language).gettext(kind.sentence)
    return template.format_map(_Blank(params))


def explain(refused: Refused, language: str) -> str:
    """The sentence of a refusal in ``language``."""
    return sentence(refused.code, refused.params, language)


class _Blank(dict[str, str]):
    """Parameters; one that is missing reads as a dash, since a sentence must never fail to be said."""

    def __missing__(self, key: str) -> str:
        return "—"
