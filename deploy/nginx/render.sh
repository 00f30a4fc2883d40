#!/usr/bin/env bash
# Fills in florin.conf and prints a whole nginx.conf:
#   deploy/nginx/render.sh name=bank.example instances=10.0.0.1:8080,10.0.0.2:8080 certs=/etc/florin/certs >nginx.conf
# Required: name (what clients call the bank) and instances (where Florin listens, separated by commas).
# certs is a folder as `florin certs` makes it; ca, certificate, key, client_certificate and client_key name single
# files in place of it. More, with their defaults, are below. Then: nginx -p FOLDER -c /path/to/nginx.conf
set -euo pipefail

fail() {
    echo "render.sh: $*" >&2
    exit 1
}

declare -A values=(
    [listen]=443
    [listen_plain]=80
    [instance_name]=localhost
    [user]=www-data
    [rate]=50
    [burst]=200
    [connections]=64
)
known=" name instances certs certificate key client_certificate client_key ca ${!values[*]} "

# Nothing that could end a directive of nginx.
plain='^[][A-Za-z0-9_.,:/@+-]+$'

for argument in "$@"; do
    name=${argument%%=*}
    value=${argument#*=}
    [[ $argument == *=* && $known == *" $name "* ]] || fail "unknown: $argument (known:$known)"
    [[ -n $value && $value =~ $plain ]] || fail "$name has characters that do not belong there"
    values[$name]=$value
done
for name in name instances; do
    [[ -n ${values[$name]:-} ]] || fail "$name= is missing"
done

certs=${values[certs]:-}
unset 'values[certs]'
own=server-${values[name]}
[[ -e $certs/$own.pem ]] || own=server
for pair in "certificate $own.pem" "key $own.key" "client_certificate client-proxy.pem" "client_key client-proxy.key" \
    "ca ca.pem"; do
    read -r name file <<<"$pair"
    [[ -n ${values[$name]:-} || -n $certs ]] || fail "$name= or certs= is missing"
    values[$name]=${values[$name]:-$certs/$file}
done

servers=
IFS=, read -ra instances <<<"${values[instances]}"
for instance in "${instances[@]}"; do
    servers+="server $instance max_fails=2 fail_timeout=5s; "
done
values[instances]=${servers% }

conf=$(<"$(dirname "${BASH_SOURCE[0]}")/florin.conf")
for name in "${!values[@]}"; do
    conf=${conf//"%$name%"/"${values[$name]}"}
done
printf '%s\n' "$conf"
