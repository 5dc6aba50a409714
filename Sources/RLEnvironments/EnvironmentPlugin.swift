internal import CRLEnv
internal import RLCore

/// A shared library with environments, loaded and checked.
///
/// Loading the same file again shares the library. It is told that it is no longer needed when the
/// last value, and the last environment made from it, are gone; it stays mapped.
public struct EnvironmentPlugin: Sendable {
  /// An environment that this host does not run, and why.
  public struct Refusal: Sendable, Equatable {
    public var id: String
    public var reason: String
  }

  /// The file as the user named it.
  public let path: String
  public let id: String
  public let version: String
  public let license: String?
  /// The version of the ABI that the plugin was built for, such as "1.0".
  public let abi: String
  public let environments: [EnvironmentDescription]
  public let refusals: [Refusal]

  private let session: PluginSession

  /// Loads the library at `path`.
  ///
  /// - Throws: `PluginError.missing` if there is no readable file; `PluginError.refused` if it
  ///   cannot be loaded, its table is damaged, or none of its environments is usable.
  public init(path: String) throws(PluginError) {
    let symbol = try unsafe loadLibrary(path)
    do {
      let table = try unsafe readPlugin(symbol)
      let id = try unsafe requiredText(table.id, "id", .pluginID)
      self.path = path
      self.id = id
      version = try unsafe requiredText(table.version, "version", .line)
      license = try unsafe optionalText(table.license, "license", .line)
      abi = unsafe "\(table.abi_major).\(table.abi_minor)"
      let rows = try unsafe environmentRows(table)
      session = try PluginSession(
        unsafe LoadedPlugin.at(symbol, table, id: id, path: path), path: path)
      (environments, refusals) = sort(rows, session)
    } catch {
      throw .refused(path: path, environment: nil, reason: error.text)
    }
    if environments.isEmpty, let first = refusals.first, unsafe session.plugin.table.find == nil {
      let others = refusals.dropFirst().map { "\n\(path): environment \($0.id): \($0.reason)" }
      throw .refused(
        path: path, environment: first.id, reason: first.reason + others.joined())
    }
  }

  /// The environment called `id`; without an id, the only one.
  ///
  /// - Throws: `PluginError.usage` if there is no such environment, or more than one to choose from;
  ///   `PluginError.refused` if it is there and this host does not run it.
  public func environment(_ id: String?) throws(PluginError) -> EnvironmentDescription {
    guard let id else { return try onlyEnvironment() }
    if let known = environments.first(where: { $0.id == id }) { return known }
    if let refusal = refusals.first(where: { $0.id == id }) {
      throw .refused(path: path, environment: id, reason: refusal.reason)
    }
    if let found = try find(id) { return found }
    let near = suggestion(for: id, among: environments.map(\.id))
    throw .usage(
      path: path, environment: nil,
      reason: "has no environment \(id)" + (near.map { "; did you mean \($0)?" } ?? "") + catalogue)
  }

  private func onlyEnvironment() throws(PluginError) -> EnvironmentDescription {
    if environments.count == 1, refusals.isEmpty { return environments[0] }
    let reason =
      environments.isEmpty && refusals.isEmpty
      ? "makes environments by name: say which, as in --env \(path):Name-v0"
      : "has several environments: say which, as in --env \(path):"
        + "\(environments.first?.id ?? refusals[0].id)" + catalogue
    throw .usage(path: path, environment: nil, reason: reason)
  }

  /// The environments for people, one a line; empty without any.
  private var catalogue: String {
    let usable = environments.map { environment in
      let summary = environment.doc?.split(separator: "\n").first.map { "  \($0)" } ?? ""
      return "\n  \(environment.id)\(summary)"
    }
    return (usable + refusals.map { "\n  \($0.id)  (refused: \($0.reason))" }).joined()
  }

  /// Asks the plugin for an environment that it does not list.
  private func find(_ id: String) throws(PluginError) -> EnvironmentDescription? {
    let table = unsafe session.plugin.table
    guard let function = unsafe table.find, !session.plugin.isBroken else { return nil }
    let error = CallError()
    let mode = FloatingPointMode.enter()
    let address = unsafe function(id, error.pointer)
    mode.leave()
    guard let address = unsafe address else {
      let message = error.message
      if message.isEmpty { return nil }
      throw .refused(path: path, environment: id, reason: "find: \(message)")
    }
    do throws(TableFault) {
      let row = try unsafe foundRow(UnsafeRawPointer(address), table.envs.stride)
      guard row.id == id else {
        throw TableFault("find", "was asked for \(id) and answered with \(escaped(row.id))")
      }
      return try unsafe readEnvironment(row.table, id: id, at: row.address, session)
    } catch {
      throw .refused(path: path, environment: id, reason: error.text)
    }
  }
}

/// An element of the plugin's list, with a readable id.
@safe private struct EnvironmentRow {
  let id: String
  let table: rlenv_env
  let address: UnsafeRawPointer
}

private func environmentRows(_ plugin: rlenv_plugin_v1) throws(TableFault) -> [EnvironmentRow] {
  let list = try unsafe TableList(
    plugin.envs, "envs", size: RLENV_SIZE_1_0_ENV, empty: rlenv_env())
  guard unsafe list.count > 0 || plugin.find != nil else {
    throw TableFault("envs", "is empty and there is no find: the plugin offers nothing")
  }
  var rows: [EnvironmentRow] = []
  for index in unsafe 0..<list.count {
    let table = unsafe list[index]
    let id = try unsafe requiredText(table.id, "envs[\(index)].id", .environmentID)
    guard !rows.contains(where: { $0.id == id }) else {
      throw TableFault("envs[\(index)].id", "another environment is called \(id): rename one")
    }
    unsafe rows.append(EnvironmentRow(id: id, table: table, address: list.address(index)))
  }
  return rows
}

private func foundRow(
  _ address: UnsafeRawPointer, _ stride: UInt32
) throws(TableFault) -> EnvironmentRow {
  guard stride >= RLENV_SIZE_1_0_ENV, UInt(bitPattern: address) % 8 == 0 else {
    throw TableFault(
      "envs",
      "has a stride of \(stride) bytes, so what find returns cannot be read: write "
        + "RLENV_NONE_OF(rlenv_env) for an empty list")
  }
  let table = unsafe readElement(address, Int(stride), rlenv_env())
  let id = try unsafe requiredText(table.id, "id", .environmentID)
  return unsafe EnvironmentRow(id: id, table: table, address: address)
}

/// Tells the environments that can be used from those that cannot.
private func sort(
  _ rows: [EnvironmentRow], _ session: PluginSession
) -> ([EnvironmentDescription], [EnvironmentPlugin.Refusal]) {
  var usable: [EnvironmentDescription] = []
  var refused: [EnvironmentPlugin.Refusal] = []
  for row in rows {
    do throws(TableFault) {
      usable.append(try unsafe readEnvironment(row.table, id: row.id, at: row.address, session))
    } catch {
      refused.append(EnvironmentPlugin.Refusal(id: row.id, reason: error.text))
    }
  }
  return (usable, refused)
}
