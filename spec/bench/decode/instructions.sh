#!/bin/sh
# Instructions of one decode, by callgrind: noise-free, so fit to be compared from day to day.
# Each is the difference between a process that decodes many times more and one that decodes once.
# LUA says which interpreter.
set -eu

count() {
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "${LUA:-lua5.4}" spec/bench/decode.lua \
    "$1" "$2" "$3" 2>&1 | sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

echo 'instructions a decode'
for case in small:500:10000 medium:50:250000 large:2:72000000 text:10:2000000; do
  IFS=: read -r shape n goal <<END
$case
END
  for who in cjson schema any; do
    once=$(count "$shape" "$who" 1)
    many=$(count "$shape" "$who" $((n + 1)))
    printf '  %-8s %-8s %12d' "$shape" "$who" $(((many - once) / n))
    if [ "$who" = schema ]; then printf '  (goal: at most %d)' "$goal"; fi
    echo
  done
done
