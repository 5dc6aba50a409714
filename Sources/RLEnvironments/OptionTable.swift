internal import CRLEnv

/// Reads and checks the options that an environment declares.
///
/// - Throws: `TableFault` naming the option.
func readOptions(_ list: rlenv_list) throws(TableFault) -> [OptionSpec] {
  let table = try unsafe TableList(
    list, "options", size: RLENV_SIZE_1_0_OPTION, empty: rlenv_option())
  var options: [OptionSpec] = []
  for index in unsafe 0..<table.count {
    let option = try unsafe readOption(table[index], "options[\(index)]")
    guard !options.contains(where: { $0.key == option.key }) else {
      throw TableFault("option \(option.key)", "is declared twice: rename one")
    }
    options.append(option)
  }
  return options
}

private func readOption(_ option: rlenv_option, _ place: String) throws(TableFault) -> OptionSpec {
  let key = try unsafe requiredText(option.key, "\(place).key", .optionKey)
  let field = "option \(key)"
  guard let kind = unsafe kind(option.type) else {
    throw TableFault(
      field, "its type \(unsafe option.type) is none of RLENV_OPTION_TYPE_*: correct it")
  }
  guard unsafe !option.min.isNaN, unsafe !option.max.isNaN else {
    throw TableFault(field, "a bound is NaN: set min = max = 0 for no bounds")
  }
  guard unsafe option.min <= option.max else {
    throw TableFault(
      field,
      unsafe "min \(option.min) is above max \(option.max): exchange them, or set both to 0 for none"
    )
  }
  let isBounded = unsafe option.min < option.max && (kind == .int || kind == .float)
  let spec = OptionSpec(
    key: key, kind: kind,
    defaultText: try unsafe optionalText(option.def, "\(field), default", .line),
    minimum: isBounded ? unsafe option.min : nil, maximum: isBounded ? unsafe option.max : nil,
    choices: kind == .choice ? try unsafe readChoices(option.choices, field) : [],
    doc: try unsafe optionalText(option.doc, "\(field), doc", .prose),
    canChangeAtReset: unsafe option.flags & UInt32(RLENV_OPTION_AT_RESET) != 0)
  try checkConsistency(spec, field)
  return spec
}

private func checkConsistency(_ spec: OptionSpec, _ field: String) throws(TableFault) {
  if spec.canChangeAtReset, spec.kind == .string || spec.kind == .path {
    throw TableFault(
      field, "a \(spec.kind.rawValue) cannot change at a reset: remove RLENV_OPTION_AT_RESET")
  }
  guard let text = spec.defaultText else { return }
  do { _ = try spec.parse(text) } catch {
    throw TableFault(field, "its own default does not fit it: \(error.reason)")
  }
}

private func kind(_ type: Int32) -> OptionSpec.Kind? {
  switch Int(type) {
  case RLENV_OPTION_TYPE_BOOL: .bool
  case RLENV_OPTION_TYPE_INT: .int
  case RLENV_OPTION_TYPE_FLOAT: .float
  case RLENV_OPTION_TYPE_STRING: .string
  case RLENV_OPTION_TYPE_ENUM: .choice
  case RLENV_OPTION_TYPE_PATH: .path
  default: nil
  }
}

private func readChoices(
  _ choices: UnsafePointer<UnsafePointer<CChar>?>?, _ field: String
) throws(TableFault) -> [String] {
  guard let choices = unsafe choices, unsafe choices[0] != nil else {
    throw TableFault(field, "is an enum without choices: list them, and end the list with NULL")
  }
  var result: [String] = []
  while let choice = unsafe choices[result.count] {
    guard result.count < 4096 else {
      throw TableFault(field, "its choices have no end: end the list with NULL")
    }
    let text = try unsafe requiredText(choice, "\(field), choice \(result.count)", .line)
    guard !result.contains(text) else {
      throw TableFault(field, "the choice \(escaped(text)) is there twice: remove one")
    }
    result.append(text)
  }
  return result
}
