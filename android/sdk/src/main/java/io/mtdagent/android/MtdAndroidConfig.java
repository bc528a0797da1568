package io.mtdagent.android;

import io.mtdagent.MtdConfiguration;

/** What the app's own code says. Immutable: each {@code with} gives another. */
public final class MtdAndroidConfig {
    final String trustJson;
    final MtdConfiguration configuration;
    final String[] partners;
    final byte[] signerSha256;

    /** @param trustJson whom to trust, as the partner's cloud gives it; from the app's own code, not null */
    public MtdAndroidConfig(String trustJson) {
        this(trustJson, null, new String[0], null);
    }

    private MtdAndroidConfig(String trustJson, MtdConfiguration configuration, String[] partners,
            byte[] signerSha256) {
        this.trustJson = trustJson;
        this.configuration = configuration;
        this.partners = partners;
        this.signerSha256 = signerSha256;
    }

    /**
     * With the app's own values, beside those of the managed configuration.
     *
     * @param values null for none
     */
    public MtdAndroidConfig withConfiguration(MtdConfiguration values) {
        return new MtdAndroidConfig(trustJson, values, partners, signerSha256);
    }

    /**
     * With partners whose keys are read in the managed configuration beside our own.
     *
     * @param names names of the table of partners, such as {@code Zimperium}; not null
     */
    public MtdAndroidConfig withPartners(String... names) {
        return new MtdAndroidConfig(trustJson, configuration, names.clone(), signerSha256);
    }

    /**
     * With the certificate that the app is signed with: an app with another one is reported as altered.
     *
     * @param sha256 32 bytes, the digest of the certificate's DER form; null: not compared
     */
    public MtdAndroidConfig withSigner(byte[] sha256) {
        return new MtdAndroidConfig(trustJson, configuration, partners, sha256 == null ? null : sha256.clone());
    }
}
