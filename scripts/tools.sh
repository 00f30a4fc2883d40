#!/usr/bin/env bash
# Makes sure that the named tools are on this machine:
#   scripts/tools.sh compiler postgres hledger beancount nginx redis rabbitmq kafka pgbouncer http-signatures openid-client chromium authlib schemathesis xmllint
# Installs them through apt-get when root on Debian; otherwise says exactly what is missing. What comes from PyPI or npm
# goes into folders of its own under ~/.cache/florin, so that nothing global is touched. Without Node.js openid-client
# and the browser that it comes with are left out: their tests then say so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

beancount_folder="$HOME/.cache/florin/beancount"
schemathesis_folder="$HOME/.cache/florin/schemathesis"
http_signatures_folder="$HOME/.cache/florin/http-signatures"
clients_folder="$HOME/.cache/florin/oauth-clients"
kafka_folder="$HOME/.cache/florin/kafka"

known=" compiler postgres hledger beancount nginx redis rabbitmq kafka pgbouncer http-signatures openid-client chromium authlib schemathesis xmllint "

has() {
    case $1 in
        cargo) command -v cargo >/dev/null ;;
        compiler) command -v cc >/dev/null ;;
        postgres) scripts/postgres.sh programs >/dev/null 2>&1 ;;
        hledger) command -v hledger >/dev/null ;;
        # Debian keeps servers where only root looks for programs.
        nginx) PATH="$PATH:/usr/sbin" command -v nginx >/dev/null ;;
        redis) command -v redis-server >/dev/null ;;
        rabbitmq) [[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]] || command -v rabbitmq-server >/dev/null ;;
        kafka) command -v java >/dev/null && cmp --silent tests/clients/kafka/pom.xml "$kafka_folder/installed.xml" ;;
        pgbouncer) PATH="$PATH:/usr/sbin" command -v pgbouncer >/dev/null ;;
        beancount) "$beancount_folder/bin/bean-check" --version >/dev/null 2>&1 ;;
        http-signatures) "$http_signatures_folder/bin/python3" -c 'import http_message_signatures' 2>/dev/null ;;
        openid-client) ! command -v npm >/dev/null || cmp --silent tests/clients/package-lock.json "$clients_folder/installed.json" ;;
        chromium) ! command -v npm >/dev/null || command -v chromium >/dev/null ;;
        schemathesis) "$schemathesis_folder/bin/schemathesis" --version >/dev/null 2>&1 ;;
        xmllint) command -v xmllint >/dev/null ;;
        authlib) cmp --silent tests/clients/requirements.txt "$clients_folder/installed.txt" ;;
    esac
}

packages_of() {
    case $1 in
        compiler) echo gcc libc6-dev ;;
        postgres) echo postgresql ;;
        hledger) echo hledger ;;
        nginx) echo nginx-light ;;
        redis) echo redis-server ;;
        rabbitmq) echo rabbitmq-server ;;
        kafka) echo default-jre-headless maven ;;
        pgbouncer) echo pgbouncer ;;
        chromium) echo chromium ;;
        xmllint) echo libxml2-utils ;;
        beancount | http-signatures | authlib | schemathesis) echo python3 python3-venv ;;
    esac
}

meaning_of() {
    case $1 in
        cargo) echo "the Rust toolchain (https://rustup.rs)" ;;
        compiler) echo "a C compiler called cc" ;;
        postgres) echo "PostgreSQL 15 or newer, with its server programs (initdb, pg_ctl)" ;;
        hledger) echo "hledger" ;;
        nginx) echo "nginx 1.19.4 or newer" ;;
        rabbitmq) echo "RabbitMQ 3.10 or newer, with its program rabbitmq-server; the tests start their own" ;;
        redis) echo "Redis, with its program redis-server; the tests start their own" ;;
        kafka) echo "Kafka; installing it needs Java, Maven, and Maven Central" ;;
        pgbouncer) echo "PgBouncer; the tests start their own" ;;
        openid-client) echo "openid-client and playwright-core; installing them needs npm and its registry" ;;
        chromium) echo "Chromium, with its program chromium" ;;
        xmllint) echo "xmllint, of libxml2" ;;
        authlib) echo "Authlib; installing it needs Python 3 with its venv module, and PyPI" ;;
        schemathesis) echo "Schemathesis; installing it needs Python 3 with its venv module, and PyPI" ;;
        beancount) echo "Beancount; installing it needs Python 3 with its venv module, and PyPI" ;;
        http-signatures) echo "http-message-signatures; installing it needs Python 3 with its venv module, and PyPI" ;;
    esac
}

install_packages() {
    local packages=("$@")
    ((EUID == 0)) && command -v apt-get >/dev/null || return 0
    echo "tools.sh: installing ${packages[*]}"
    apt-get update --quiet=2 &&
        DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends "${packages[@]}" >/dev/null
}

# A package of PyPI in a virtual environment of its own: install_from_pypi FOLDER PACKAGE
install_from_pypi() {
    echo "tools.sh: installing $2 into $1"
    python3 -m venv --clear "$1" && "$1/bin/pip" install --quiet "$2"
}

# The lock file that was installed is kept beside it: another one is a reason to install again.
install_openid_client() {
    echo "tools.sh: installing openid-client and playwright-core into $clients_folder"
    mkdir -p "$clients_folder" &&
        cp tests/clients/package.json tests/clients/package-lock.json "$clients_folder" &&
        npm ci --prefix "$clients_folder" --no-audit --no-fund --silent &&
        cp tests/clients/package-lock.json "$clients_folder/installed.json"
}

# The jars, and what runs a class of theirs.
install_kafka() {
    echo "tools.sh: installing Kafka into $kafka_folder"
    mkdir -p "$kafka_folder" &&
        mvn --quiet --batch-mode --file tests/clients/kafka/pom.xml dependency:copy-dependencies \
            "-DoutputDirectory=$kafka_folder/jars" &&
        printf '#!/bin/sh\nexec java -Xmx256m -XX:TieredStopAtLevel=1 -cp "%s/jars/*" "$@"\n' "$kafka_folder" >"$kafka_folder/kafka" &&
        chmod +x "$kafka_folder/kafka" &&
        cp tests/clients/kafka/pom.xml "$kafka_folder/installed.xml"
}

install_authlib() {
    echo "tools.sh: installing Authlib into $clients_folder/python"
    mkdir -p "$clients_folder" &&
        python3 -m venv --clear "$clients_folder/python" &&
        "$clients_folder/python/bin/pip" install --quiet --requirement tests/clients/requirements.txt &&
        cp tests/clients/requirements.txt "$clients_folder/installed.txt"
}

# The tools among the arguments that are not here.
missing_of() {
    local tool
    for tool in "$@"; do
        has "$tool" || echo "$tool"
    done
}

for tool in "$@"; do
    [[ $known == *" $tool "* ]] || { echo "tools.sh: knows only$known" >&2 && exit 2; }
done

mapfile -t missing < <(missing_of "$@")
packages=()
for tool in "${missing[@]}"; do
    case $tool in
        openid-client) continue ;;
        # What comes from PyPI is no package: only what its virtual environment is made of.
        beancount | http-signatures | authlib | schemathesis) python3 -c 'import venv, ensurepip' 2>/dev/null && continue ;;
    esac
    read -ra more < <(packages_of "$tool")
    packages+=("${more[@]}")
done
if ((${#packages[@]} > 0)); then
    install_packages "${packages[@]}" || echo "tools.sh: apt-get failed" >&2
fi
for tool in "${missing[@]}"; do
    case $tool in
        beancount) install_from_pypi "$beancount_folder" 'beancount>=3,<4' || echo "tools.sh: Beancount could not be installed" >&2 ;;
        http-signatures)
            install_from_pypi "$http_signatures_folder" 'http-message-signatures>=3,<4' ||
                echo "tools.sh: http-message-signatures could not be installed" >&2
            ;;
        schemathesis)
            install_from_pypi "$schemathesis_folder" 'schemathesis>=4.32,<5' ||
                echo "tools.sh: Schemathesis could not be installed" >&2
            ;;
        openid-client) install_openid_client || echo "tools.sh: openid-client could not be installed" >&2 ;;
        kafka) install_kafka || echo "tools.sh: Kafka could not be installed" >&2 ;;
        authlib) install_authlib || echo "tools.sh: Authlib could not be installed" >&2 ;;
    esac
done

mapfile -t missing < <(missing_of cargo "$@")
for tool in "${missing[@]}"; do
    echo "missing: $(meaning_of "$tool")" >&2
done
((${#missing[@]} == 0))
