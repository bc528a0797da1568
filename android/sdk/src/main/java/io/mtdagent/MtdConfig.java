package io.mtdagent;

import java.io.File;

/** What an agent is started with. Immutable. */
public final class MtdConfig {
    final String trustJson;
    final File folder;
    final MtdConfiguration configuration;

    /**
     * @param trustJson whom to trust; from the app's own code, never from a configuration
     * @param folder the agent's own folder, excluded from backups; made if it does not exist
     * @param configuration the app's own values, handed in first; null where all of them come from elsewhere
     */
    public MtdConfig(String trustJson, File folder, MtdConfiguration configuration) {
        this.trustJson = trustJson;
        this.folder = folder;
        this.configuration = configuration;
    }
}
