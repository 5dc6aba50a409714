import RLSystem

/// The path of a file that an independent implementation wrote.
func golden(_ name: String) -> String {
  let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
  return "/\(folder)/Golden/\(name)"
}
