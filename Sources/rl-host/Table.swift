/// Rows of text under underlined headings: text to the left, numbers to the right.
struct Table {
  enum Alignment {
    case left
    case right
  }

  private let headings: [String]
  private let alignments: [Alignment]
  private var rows: [[String]] = []

  init(_ columns: [(heading: String, alignment: Alignment)]) {
    headings = columns.map(\.heading)
    alignments = columns.map(\.alignment)
  }

  mutating func append(_ row: [String]) {
    precondition(row.count == headings.count, "a row of \(row.count), not \(headings.count) cells")
    rows.append(row)
  }

  /// The table without a last line's end.
  var text: String {
    let widths = headings.indices.map { column in
      ([headings] + rows).map { $0[column].count }.max() ?? 0
    }
    let rule = widths.map { String(repeating: "-", count: $0) }
    return ([headings, rule] + rows).map { line($0, widths) }.joined(separator: "\n")
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    let padded = cells.indices.map { column in
      let space = String(repeating: " ", count: widths[column] - cells[column].count)
      return alignments[column] == .left ? cells[column] + space : space + cells[column]
    }
    let line = padded.joined(separator: "  ")
    return String(line.reversed().drop { $0 == " " }.reversed())
  }
}

/// Names and values under each other, the values aligned.
func listing(_ pairs: [(name: String, value: String)], indent: String = "") -> String {
  let width = pairs.map(\.name.count).max() ?? 0
  return pairs.map { name, value in
    indent + name + String(repeating: " ", count: width - name.count + 2) + value
  }.joined(separator: "\n")
}
