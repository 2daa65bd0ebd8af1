# A program of a few tenths of a second, which writes its output in rows and a log of its life.
name=$1
pause=$2
shift 2
case $name in deaf*) trap '' TERM ;; esac
mkdir -p log out
echo "begin $ASSETS_RUN $$" >> "log/$name"
: > "out/$name.txt"
for input in "$@"; do cat "out/$input.txt" >> "out/$name.txt"; done
case $name in away*) setsid sh -c "sleep $pause; echo away >> out/$name.txt" ;; esac
for row in 1 2 3 4; do
  sleep "$pause"
  echo "row $row of $name" >> "out/$name.txt"
done
echo "end $ASSETS_RUN $$" >> "log/$name"
