internal import CRLEnv
internal import Glibc
internal import RLCore

/// One value per declared option, in the declared order.
///
/// - Throws: `TableFault` for a key that is not declared, with a suggestion; for a value that does
///   not fit; for a value that must be given and is not.
func selectOptions(
  _ given: [String: String], among specs: [OptionSpec]
) throws(TableFault) -> [OptionValue] {
  let keys = specs.map(\.key)
  if let unknown = given.keys.sorted().first(where: { !keys.contains($0) }) {
    throw TableFault("option \(unknown)", unknownOption(unknown, keys))
  }
  var values: [OptionValue] = []
  for spec in specs {
    guard let text = given[spec.key] ?? spec.defaultText else {
      throw TableFault(
        "option \(spec.key)", "has no default: give it as -E \(spec.key)=VALUE (\(spec.range))")
    }
    do { values.append(try spec.parse(text)) } catch {
      throw TableFault("option \(error.field)", error.reason)
    }
  }
  return values
}

private func unknownOption(_ key: String, _ keys: [String]) -> String {
  if keys.isEmpty { return "does not exist: the environment has no options" }
  if let near = suggestion(for: key, among: keys) { return "does not exist; did you mean \(near)?" }
  return "does not exist; the options are \(keys.joined(separator: ", "))"
}

/// The path from the root; an empty path stays empty.
func absolutePath(_ path: String) -> String {
  guard !path.isEmpty, !path.hasPrefix("/") else { return path }
  guard let folder = unsafe getcwd(nil, 0) else { return path }
  defer { unsafe free(folder) }
  return unsafe String(cString: folder) + "/" + path
}

/// Option values in the ABI's form, with strings that live as long as this object.
@safe final class OptionStorage {
  let values: UnsafeMutablePointer<rlenv_value>
  private let count: Int

  init(_ options: [OptionValue]) {
    count = options.count
    unsafe values = .allocate(capacity: max(count, 1))
    for (index, option) in options.enumerated() {
      let text = unsafe option.text.map { unsafe UnsafePointer(strdup($0)!) }
      let value = unsafe rlenv_value(i: option.integer, f: option.number, s: text)
      unsafe (values + index).initialize(to: value)
    }
  }

  deinit {
    for index in 0..<count { unsafe free(UnsafeMutablePointer(mutating: values[index].s)) }
    unsafe values.deallocate()
  }
}
