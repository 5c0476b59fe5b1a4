#!/bin/bash
# Passed when namespaces.txt says what config.json says.
cd /tmp/mycontainer 2>/dev/null && [ -e config.json ] || {
  echo 'There is no /tmp/mycontainer/config.json to read: "runc spec" in that folder writes it.'
  exit 1
}
[ -s config.json ] || {
  echo 'config.json is empty: did jq write into the file it was reading? "rm config.json && runc spec" brings it back.'
  exit 1
}
wanted=$(jq -er '.linux.namespaces[].type' config.json 2>/dev/null) || {
  echo 'config.json has no readable list of namespaces: remove it and run "runc spec" again.'
  exit 1
}
if [ ! -e namespaces.txt ]; then
  echo 'There is no /tmp/mycontainer/namespaces.txt yet.'
elif [ "$(head -c 4096 namespaces.txt | tr -d '\0')" = "$wanted" ]; then
  exit 0
elif grep -q '"' namespaces.txt; then
  echo 'The types in namespaces.txt still have quotes around them: the flag -r of jq drops them.'
else
  echo 'namespaces.txt does not say the same as config.json: write it again with the last jq command.'
fi
exit 1
