#!/bin/sh
# A killed worker can leave django-q2 hanging while its process looks alive; the heartbeat tells.
set -eu
answer=$(curl --silent --max-time 10 -H "Host: ${ALLOWED_HOSTS%%,*}" -H "X-Forwarded-Proto: https" http://127.0.0.1:8000/healthz || true)
case "$answer" in
  *'"queue": {"ok": false'*)
    logger -t askare "queue heartbeat is old: restarting the queue"
    systemctl kill --signal=SIGKILL askare-queue.service || true
    systemctl restart askare-queue.service ;;
esac
