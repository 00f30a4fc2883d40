# shellcheck shell=bash disable=SC2034
# Figures: the machine's, medians, ratios, and how they compare with the targets.

verdicts=()

fail() {
    echo "bench: $*" >&2
    exit 1
}

heading() {
    printf '\n== %s\n' "$*"
}

need() {
    local tool
    for tool in "$@"; do
        command -v "$tool" > /dev/null || fail "$tool is needed"
    done
}

# show_hardware DIRECTORY: the machine, and the storage behind the directory.
show_hardware() {
    heading "machine"
    echo "processor: $(awk -F': *' '/^model name/ { print $2; exit }' /proc/cpuinfo), $(nproc) cores"
    echo "memory: $(awk '/^MemTotal/ { printf "%.1f GiB", $2 / 1048576 }' /proc/meminfo)"
    echo "kernel: $(uname -sr)"
    echo "storage: $(df --output=source,fstype,target "$1" | awk 'NR == 2 { print $1 ", " $2 ", mounted on " $3 }')"
    echo "load before: $(cut -d' ' -f1-3 /proc/loadavg) (other work on this machine spoils every figure)"
}

# median NUMBER…: a whole number.
median() {
    printf '%s\n' "$@" | sort -n | awk '
        { value[NR] = $1 }
        END { middle = int((NR + 1) / 2); printf "%.0f\n", NR % 2 ? value[middle] : (value[middle] + value[middle + 1]) / 2 }'
}

# ratio NUMBER NUMBER: the first over the second, to two decimals.
ratio() {
    awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.2f\n", a / b; else print "0.00" }'
}

# figure FILE KEY: the first number under a key of a report.
figure() {
    sed -n "s/^ *\"$2\": *\([0-9][0-9]*\),\{0,1\}$/\1/p" "$1" | head -n 1
}

# figures_sum FILE KEY…: the sum of every number under these keys of a report.
figures_sum() {
    local report=$1 key
    shift
    for key in "$@"; do
        sed -n "s/^ *\"$key\": *\([0-9][0-9]*\),\{0,1\}$/\1/p" "$report"
    done | awk '{ sum += $1 } END { print sum + 0 }'
}

# verdict NAME REACHED at-least|at-most TARGET [UNIT]: notes whether a target is met.
verdict() {
    local word
    word=$(awk -v reached="$2" -v sense="$3" -v target="$4" 'BEGIN {
        met = sense == "at-least" ? reached + 0 >= target + 0 : reached + 0 <= target + 0
        print met ? "met" : "MISSED"
    }')
    verdicts+=("$(printf '%-46s %12s  %-8s %10s %-11s %s' "$1" "$2" "$3" "$4" "${5:-}" "$word")")
}

show_verdicts() {
    heading "targets"
    printf '%-46s %12s  %19s\n' "figure" "reached" "target"
    printf '%s\n' "${verdicts[@]}"
}

# stopwatch_ms COMMAND…: runs it and leaves its wall time in elapsed_ms.
stopwatch_ms() {
    local start=${EPOCHREALTIME/[.,]/}
    "$@"
    elapsed_ms=$(((${EPOCHREALTIME/[.,]/} - start) / 1000))
}
