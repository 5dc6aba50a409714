/// The candidate nearest to what was typed, for "did you mean"; `nil` when none is near.
///
/// Near: at most a third of the longer word's letters, at least one, must be inserted, removed,
/// replaced or swapped with their neighbours (Damerau 1964).
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
  var rows = [Array(0...b.count)]
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      let change = rows[i][j] + (a[i] == b[j] ? 0 : 1)
      var least = min(change, min(row[j], rows[i][j + 1]) + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        least = min(least, rows[i - 1][j - 1] + 1)
      }
      row.append(least)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}
