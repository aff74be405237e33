#!/usr/bin/env bash
# Real messages from a CSV file, triaged and answered without a screen: from the import to the journal.
#
#   docs/examples/triage.sh FILE.csv [HOW_MANY] [FOLDER]
#
# Everything lives in FOLDER (a new temporary one by default). Needs `cur` and `regional-api` on PATH.
set -euo pipefail

file=${1:?usage: triage.sh FILE.csv [HOW_MANY] [FOLDER]}
many=${2:-5}
folder=${3:-$(mktemp -d)}
region=${REGION:-kursk}
body=${AUTHORITY:-kursk_transport}
database=$folder/region.db

say() { printf '==> %s\n' "$*" >&2; }
random() { python3 -c 'import secrets; print(secrets.token_urlsafe(12))'; }
pick() { python3 -c 'import json, sys; value = json.load(sys.stdin)
for key in sys.argv[1].split("."): value = value[int(key)] if key.isdigit() else value[key]
print("" if value is None else value)' "$1"; }

mkdir -p "$folder"
umask 077
random > "$folder/passphrase"
export CUR_PASSPHRASE_FILE=$folder/passphrase

say "a region ($region) and three people"
regional-api init --region "$region" --database "$database" > "$folder/init.json"
declare -A password=([operator]=$(random) [agency]=$(random) [approver]=$(random))
regional-api user load - --database "$database" > "$folder/users.json" <<PEOPLE
{"name": "operator", "role": "block_operator", "block": ["*"], "password": "${password[operator]}"}
{"name": "agency", "role": "seconded_agent", "authority": "$body", "password": "${password[agency]}"}
{"name": "approver", "role": "approver", "block": ["*"], "password": "${password[approver]}"}
PEOPLE

say "importing $file"
regional-api import "$file" --source csv --database "$database" --json > "$folder/report.json"
say "new appeals: $(pick new < "$folder/report.json")"

say "starting the server"
coproc SERVER { exec regional-api serve --database "$database" --port 0 --exit-with-parent 2> "$folder/server.log"; }
read -r ready <&"${SERVER[0]}"
url=$(pick url <<< "$ready")
trap 'kill "$SERVER_PID" 2> /dev/null || true; wait "$SERVER_PID" 2> /dev/null || true' EXIT

as() { local person=$1; shift; cur --home "$folder/$person" "$@"; }
for name in operator agency approver; do
    as "$name" login --server "$url" --user "$name" --password-stdin <<< "${password[$name]}"
done

say "the operator distributes $many appeals"
as operator list --json --limit "$many" --view distribution > "$folder/queue.json"
mapfile -t numbers < <(python3 -c 'import json, sys
for item in json.load(sys.stdin)["items"]: print(item["number"])' < "$folder/queue.json")
for number in "${numbers[@]}"; do
    as operator do claim "$number"
    topic=$(as operator show "$number" --json | pick topic)
    # A topic that the file named is confirmed; anything else goes to the general desk for a person to see.
    if [ -n "$topic" ]; then
        as operator do classify "$number" --topic "$topic" --item-kind complaint
    else
        as operator do classify "$number" --block general --item-kind complaint
    fi
    as operator do assign "$number" --authority "$body"
    as operator do release "$number"
done
as operator sync

say "the authority answers from templates"
as agency sync
for number in "${numbers[@]}"; do
    as agency do start "$number"
    as agency templates "$number" --json | python3 -c 'import json, re, sys
templates = json.load(sys.stdin)["templates"]
chosen = next(t for t in templates if t["kind"] == "final_explained")
told = "Мы проверили изложенное на месте и объясняем порядок: работы внесены в график, о дне сообщим отдельно."
print(re.sub("⟦[^⟧]*⟧", told, chosen["text"]))' > "$folder/answer.txt"
    as agency do submit "$number" --text-file "$folder/answer.txt" --kind final --outcome explained
done
as agency sync

say "a second person approves"
as approver sync
for number in "${numbers[@]}"; do as approver do approve "$number"; done
as approver sync

say "the operator delivers"
as operator sync
for number in "${numbers[@]}"; do as operator do confirm_delivery "$number"; done
as operator sync
for number in "${numbers[@]}"; do
    printf '%s %s\n' "$number" "$(as operator show "$number" --json | pick state)"
done

say "the journal"
regional-api journal verify --database "$database"
