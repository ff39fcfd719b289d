# One paragraph of the file control, completed: who it is for, its version, its size, and the libraries it needs.
BEGIN { RS = ""; FS = "\n" }
$1 == "Package: " package {
    printf "Package: %s\nSource: tipring\nVersion: %s\nArchitecture: %s\nMaintainer: %s\nInstalled-Size: %s\nPriority: optional\n", \
        package, version, architecture, maintainer, size
    for (line = 2; line <= NF; line++) {
        text = $line
        if (text ~ /^Depends: /) {
            if (depends == "") sub(/SHLIBS, /, "", text)
            sub(/SHLIBS/, depends, text)
            sub(/VERSION/, version, text)
        }
        print text
    }
}
