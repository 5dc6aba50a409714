/// The version of the host: plugins are told it, policies and runs record it.
public let hostVersion = "0.1.0"
