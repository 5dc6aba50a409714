/// A word as a POSIX shell would have to be given it.
func shellQuoted(_ word: String) -> String {
  let plain = "@%+=:,./-_"
  let isPlain = word.unicodeScalars.allSatisfy { scalar in
    scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
      || plain.unicodeScalars.contains(scalar)
  }
  if isPlain, !word.isEmpty { return word }
  return "'"
    + word.split(separator: "'", omittingEmptySubsequences: false)
    .joined(separator: "'\\''") + "'"
}

/// A command line to paste.
func shellCommand(_ words: [String]) -> String {
  words.map(shellQuoted).joined(separator: " ")
}
