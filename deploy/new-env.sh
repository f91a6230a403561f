#!/bin/sh
# Writes a .env for docker-compose.yml to standard output, with random passwords and their hashes:
#
#     (umask 077; deploy/new-env.sh > .env)
set -eu

# random prints 192 random bits in hexadecimal: text that nothing has to quote.
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

sha256() {
    if command -v sha256sum >/dev/null; then
        printf %s "$1" | sha256sum | cut -d' ' -f1
    else
        printf %s "$1" | shasum -a 256 | cut -d' ' -f1
    fi
}

echo "# Made by deploy/new-env.sh. Keep it: the volumes of ClickHouse and Grafana go with these passwords."
for user in '' READER_ BI_; do
    password=$(random)
    echo "IBARURA_CLICKHOUSE_${user}PASSWORD=$password"
    echo "IBARURA_CLICKHOUSE_${user}PASSWORD_SHA256=$(sha256 "$password")"
done
echo "GRAFANA_ADMIN_PASSWORD=$(random)"
echo "IBARURA_PROJECT_NAME=default"
echo "IBARURA_PROJECT_TIMEZONE=UTC"
