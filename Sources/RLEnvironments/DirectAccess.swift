package import CRLEnv
package import RLCore

// For whoever judges a plugin by calling it directly: its own rows, and this module's checks.

extension EnvironmentDescription {
  /// The plugin's own row, as `create` wants it.
  package var row: UnsafePointer<rlenv_env> { unsafe entry.address }

  /// The host's copy of the row.
  package var table: rlenv_env { unsafe entry.table }

  /// The host's copy of the plugin's table.
  package var pluginTable: rlenv_plugin_v1 { unsafe entry.session.plugin.table }

  /// What the plugin is told about the host.
  package var host: UnsafePointer<rlenv_host> { unsafe entry.session.plugin.host }

  /// Checks what `describe` answered.
  ///
  /// - Throws: `PluginError.refused` naming the field.
  package func checkedSpec(_ description: rlenv_description) throws(PluginError) -> EnvironmentSpec
  {
    do throws(TableFault) {
      let id = try unsafe requiredText(description.id, "id", .environmentID)
      return try readSpec(unsafe EnvironmentFacts(description), id: id)
    } catch {
      throw .refused(path: entry.session.path, environment: id, reason: error.text)
    }
  }
}

extension OptionSpec {
  /// A value in the ABI's parts; what does not apply is zero or `nil`.
  package struct Parts: Sendable, Equatable {
    package var integer: Int64
    package var number: Double
    package var text: String?
  }

  /// Reads what a user would type.
  ///
  /// - Throws: `PluginError.usage` naming the option.
  package func parts(_ text: String) throws(PluginError) -> Parts {
    do throws(TableFault) {
      let value = try parse(text)
      return Parts(integer: value.integer, number: value.number, text: value.text)
    } catch {
      throw .usage(path: "-E \(key)", environment: nil, reason: error.reason)
    }
  }
}
