/// A few lines of anchors and aliases can stand for more than a memory holds, so a text with an
/// anchor is refused before it is read.
///
/// Without knowledge of quotes and comments, which a hostile text may confuse: every `&` counts that
/// may begin an anchor somewhere, which is one with a letter, digit or sign right behind it and no
/// letter or digit right before it.
func lineOfAnchor(in text: String) -> Int? {
  var line = 1
  var previous = UInt8(ascii: "\n")
  var waits = false  // the byte before was an `&` that may begin an anchor
  for byte in text.utf8 {
    if waits, !isBlank(byte) { return line }
    waits = byte == UInt8(ascii: "&") && !isWordByte(previous)
    if byte == UInt8(ascii: "\n") { line += 1 }
    previous = byte
  }
  return nil
}

private func isBlank(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n")
    || byte == UInt8(ascii: "\r")
}

private func isWordByte(_ byte: UInt8) -> Bool {
  let lower = byte | 0x20
  return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")
    || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
}
