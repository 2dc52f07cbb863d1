#!/usr/bin/env bash
# Collection of a database of many tables beside one pg_dump: bench/tables.sh [--pairs N] [--percent P] [--many]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
(set -x; mvn -B -q -pl evidence,lake,bench -Dspotless.check.skip=true -DskipTests package)
"$java" -Xmx512m -Duser.language=en -cp "bench/target/classes:$(cat bench/target/classpath)" org.qiantang.bench.TablesBench "$@"
