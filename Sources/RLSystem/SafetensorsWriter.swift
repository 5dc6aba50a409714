extension Safetensors {
  /// The file's bytes; equal contents give equal bytes, whatever the order of `tensors`.
  ///
  /// Like the reference implementation: metadata first, then tensors by type and name, compact
  /// JSON padded with spaces to a multiple of 8. Metadata keys are sorted, where the reference
  /// leaves the order to its hash map.
  ///
  /// - Precondition: names are distinct and everything keeps to `Limit`.
  public func encoded() -> [UInt8] {
    let ordered = tensors.sorted { a, b in
      a.element.rank == b.element.rank
        ? a.name.utf8.lexicographicallyPrecedes(b.name.utf8) : a.element.rank > b.element.rank
    }
    checkLimits()
    let header = header(of: ordered)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + header.count + ordered.reduce(0) { $0 + $1.bytes.count })
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: header.count >> shift))
    }
    bytes += header
    for tensor in ordered { bytes += tensor.bytes }
    return bytes
  }

  private func checkLimits() {
    precondition(tensors.count <= Limit.tensors, "more than \(Limit.tensors) tensors")
    precondition(metadata.count <= Limit.metadataKeys, "more than \(Limit.metadataKeys) keys")
    precondition(Set(tensors.map(\.name)).count == tensors.count, "two tensors share a name")
    for name in tensors.map(\.name) + metadata.keys {
      precondition(name.utf8.count <= Limit.nameBytes, "the name \(name) is too long")
      precondition(name != "__metadata__", "__metadata__ cannot be a name")
    }
    for tensor in tensors {
      precondition(tensor.shape.count <= Limit.axes, "\(tensor.name) has too many axes")
    }
  }

  private func header(of ordered: [Tensor]) -> [UInt8] {
    var entries: [String] = []
    if !metadata.isEmpty {
      let keys = metadata.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      let pairs = keys.map { "\(quoted($0)):\(quoted(metadata[$0] ?? ""))" }
      entries.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var end = 0
    for tensor in ordered {
      let begin = end
      end += tensor.bytes.count
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      entries.append(
        "\(quoted(tensor.name)):{\"dtype\":\"\(tensor.element.rawValue)\","
          + "\"shape\":[\(shape)],\"data_offsets\":[\(begin),\(end)]}")
    }
    var header = Array("{\(entries.joined(separator: ","))}".utf8)
    header += Array(repeating: UInt8(ascii: " "), count: -header.count & 7)
    precondition(header.count <= Limit.headerBytes, "the header is too long")
    return header
  }
}

/// `text` as a JSON string, escaped as little as JSON allows.
package func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\u{08}": result += "\\b"
    case "\u{0C}": result += "\\f"
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    case ..<"\u{20}":
      result += scalar.value < 16 ? "\\u000" : "\\u00"
      result += String(scalar.value, radix: 16)
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
