#!/usr/bin/env bash
# Calls between two installations: bench/exchange.sh [--customers N] [--pairs N] [--calls N] [--seconds S] [--connections N]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
(set -x; mvn -B -q -pl evidence,lake,bench -Dspotless.check.skip=true -DskipTests package)
"$java" -Xmx512m -Duser.language=en -cp "bench/target/classes:$(cat bench/target/classpath)" org.qiantang.bench.ExchangeBench "$@"
