package io.mtdagent;

/** What is wrong with a configured value, for the administrator. Names keys, never a value. Immutable. */
public final class MtdFinding {
    /** Where. */
    public final MtdConfiguration.Provenance provenance;
    /** At which key; null when it is about the whole source. */
    public final String key;
    /** What: 110 to 118. */
    public final MtdException error;

    MtdFinding(StatusReader in) {
        provenance = in.oneOf(MtdConfiguration.Provenance.values());
        key = in.text();
        error = in.error();
    }
}
