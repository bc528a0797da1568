package io.mtdagent;

/**
 * Who and where: from the app, from managed configuration, or from a sign-in. Untrusted; complete each time. What
 * cannot be read, such as an unresolved {@code {{aaddeviceid}}}, counts as absent. Immutable.
 */
public final class MtdConfiguration {
    /** The kinds of activation credential. */
    public enum CredentialKind {
        /** An Entra token from sign-in. */
        TOKEN,
        /** A one-time code. */
        CODE,
        /** The tenant's enrolment key. */
        ENROLMENT_KEY
    }

    final String gateway;
    final String deviceId;
    final String tenantId;
    final CredentialKind credentialKind;
    final String credential;

    /**
     * Every value may be null.
     *
     * @param gateway {@code https://host[:port]} of the partner's cloud
     * @param deviceId the Entra device ID
     * @param tenantId the Entra tenant
     * @param credentialKind what kind of credential {@code credential} is
     * @param credential the activation credential
     */
    public MtdConfiguration(String gateway, String deviceId, String tenantId, CredentialKind credentialKind,
            String credential) {
        this.gateway = gateway;
        this.deviceId = deviceId;
        this.tenantId = tenantId;
        this.credentialKind = credentialKind;
        this.credential = credential;
    }
}
