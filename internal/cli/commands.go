package cli

// commands returns the table of commands in the order of the help text.
func commands() []command {
	return []command{
		demoCommand(),
		serveCommand(),
		importCommand(),
		resolveCommand(),
		searchCommand(),
		indexCommand(),
		corpusCommand(),
		matchCommand(),
		encoderCommand(),
		clusterCommand(),
		figuresCommand(),
		figureCommand(),
		rankingCommand(),
		auditCommand(),
		releaseCommand(),
		fundCommand(),
		poolCommand(),
		capitalCommand(),
		caseCommand(),
		calendarCommand(),
		ledgerCommand(),
		migrateCommand(),
		userCommand(),
		backupCommand(),
		doctorCommand(),
	}
}
