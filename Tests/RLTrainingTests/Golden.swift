/// The path of a file with numbers or bytes that a script or an earlier version made.
func golden(_ name: String) -> String {
  let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
  return "/\(folder)/Golden/\(name)"
}
