/// The candidate nearest to what was typed, for "did you mean"; `nil` when none is near.
///
/// Near: at most a third of the longer word's letters, at least one, must change (Levenshtein).
public func suggestion(for typed: String, among candidates: [String]) -> String? {
  var best: (distance: Int, word: String)?
  for candidate in candidates {
    let distance = editDistance(Array(typed.lowercased().utf8), Array(candidate.lowercased().utf8))
    if distance < best?.distance ?? .max { best = (distance, candidate) }
  }
  guard let best, best.distance <= max(1, max(typed.utf8.count, best.word.utf8.count) / 3) else {
    return nil
  }
  return best.word
}

private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var row = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in b.enumerated() {
      let change = diagonal + (x == y ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(change, min(row[j], diagonal) + 1)
    }
  }
  return row[b.count]
}
