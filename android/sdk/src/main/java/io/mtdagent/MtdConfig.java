package io.mtdagent;

import java.io.File;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** What an agent is started with. Immutable: each {@code with} gives another. */
public final class MtdConfig {
    final String trustJson;
    final File folder;
    final List<MtdConfiguration> configurations;
    final List<String> partners;
    final MtdMainThread mainThread;

    /**
     * @param trustJson whom to trust; from the app's own code, never from a configuration
     * @param folder the agent's own folder, excluded from backups; made if it does not exist
     * @param configuration the app's own values; null where all of them come from elsewhere
     */
    public MtdConfig(String trustJson, File folder, MtdConfiguration configuration) {
        this(trustJson, folder, configuration == null ? Collections.<MtdConfiguration>emptyList()
                : Collections.singletonList(configuration), Collections.<String>emptyList(), null);
    }

    private MtdConfig(String trustJson, File folder, List<MtdConfiguration> configurations, List<String> partners,
            MtdMainThread mainThread) {
        this.trustJson = trustJson;
        this.folder = folder;
        this.configurations = configurations;
        this.partners = partners;
        this.mainThread = mainThread;
    }

    /**
     * With one more source, read together with the others at the start. Hand in here what is known by then: a source
     * that is heard later may name another device than the ones before it.
     *
     * @param configuration what another source says, not null
     */
    public MtdConfig withConfiguration(MtdConfiguration configuration) {
        List<MtdConfiguration> more = new ArrayList<MtdConfiguration>(configurations);
        more.add(configuration);
        return new MtdConfig(trustJson, folder, more, partners, mainThread);
    }

    /**
     * With partners whose configuration keys are read beside our own.
     *
     * @param names names of the table of partners, such as {@code Zimperium}; not null
     */
    public MtdConfig withPartners(String... names) {
        return new MtdConfig(trustJson, folder, configurations, Arrays.asList(names.clone()), mainThread);
    }

    /**
     * With a main thread, on which nothing blocks.
     *
     * @param thread tells it; null where no thread is the main thread
     */
    public MtdConfig withMainThread(MtdMainThread thread) {
        return new MtdConfig(trustJson, folder, configurations, partners, thread);
    }
}
