use agent_logic::failure::{
    CollectFailure, Distrust, DistrustReason, EnrolFailure, KeyFailure, Remedy, SendFailure, StorageFailure,
    Unreadable,
};
use agent_logic::wire::ProblemKind;

use super::*;

#[test]
fn every_code_has_its_row_and_no_other() {
    let rows: Vec<Code> = TABLE.iter().map(|row| row.0).collect();
    let codes: Vec<Code> = code::ALL.iter().map(|line| line.0).collect();
    assert_eq!(rows, codes);
    let kinds = [(101, MtdKind::Use), (205, MtdKind::Identity), (301, MtdKind::Network)];
    let more = [(401, MtdKind::Server), (514, MtdKind::Device), (902, MtdKind::Internal)];
    for (number, kind) in kinds.into_iter().chain(more) {
        assert_eq!(MtdError::of_code(Code(number)).kind(), kind, "{number}");
    }
}

#[test]
fn every_failure_of_the_agent_has_its_remedy_in_the_table() {
    for (code, remedy) in failures() {
        let row = TABLE.iter().find(|row| row.0 == code).unwrap_or_else(|| panic!("{code:?} has no row"));
        assert_eq!(row.1, of_remedy(remedy), "{code:?}");
    }
    for collect in [CollectFailure::Denied, CollectFailure::Failed] {
        assert_eq!(MtdError::from(collect.code()).kind(), MtdKind::Device);
    }
}

#[test]
fn an_unknown_code_keeps_its_number() {
    let error = MtdError::of_code(Code(999));
    assert_eq!((error.kind(), error.code()), (MtdKind::Internal, 999));
    assert_eq!(format!("{}", MtdError::stopped()), "132: The agent was stopped.");
}

const fn of_remedy(remedy: Remedy) -> MtdRemedy {
    match remedy {
        Remedy::Retry(_) => MtdRemedy::Retry,
        Remedy::WaitForNetwork => MtdRemedy::WaitForNetwork,
        Remedy::WaitForUnlock => MtdRemedy::WaitForUnlock,
        Remedy::NewChain => MtdRemedy::NewChain,
        Remedy::NewCredential => MtdRemedy::NewCredential,
        Remedy::Reactivate => MtdRemedy::Reactivate,
        Remedy::Stop => MtdRemedy::Stop,
    }
}

/// Every failure with code and remedy. A new variant stops one of the matches below from compiling.
fn failures() -> Vec<(Code, Remedy)> {
    use KeyFailure::{Busy, Gone, Locked, Unsupported};
    let keys = [Locked, Busy, Gone, Unsupported];
    let storages = [
        StorageFailure::Full,
        StorageFailure::Io,
        StorageFailure::Unreadable,
        StorageFailure::Busy,
        StorageFailure::Newer,
    ];
    let distrusts = [
        DistrustReason::UnknownIssuer,
        DistrustReason::WrongName,
        DistrustReason::WrongPin,
        DistrustReason::Validity,
        DistrustReason::Malformed,
    ];
    let mut sends = vec![
        SendFailure::Offline,
        SendFailure::ConnectionRefused,
        SendFailure::TimedOut,
        SendFailure::CertificateRefused,
        SendFailure::Throttled(None),
        SendFailure::Unavailable(None),
        SendFailure::Redirected,
        SendFailure::Problem(ProblemKind::Other),
    ];
    sends.extend(keys.map(SendFailure::Key));
    sends.extend(distrusts.map(|reason| SendFailure::NotTrusted(Distrust { reason, presented: Vec::new() })));
    sends.extend(ProblemKind::ALL.iter().map(|kind| SendFailure::Problem(*kind)));
    sends.extend(
        [Unreadable::Truncated, Unreadable::TooLarge, Unreadable::Malformed].map(SendFailure::Unreadable),
    );
    let mut all: Vec<(Code, Remedy)> =
        keys.iter().map(|failure| (failure.code(), failure.remedy())).collect();
    all.extend(storages.iter().map(|failure| (failure.code(), failure.remedy())));
    all.extend(sends.iter().map(|failure| (failure.code(), failure.remedy())));
    let enrols = [EnrolFailure::DemandUnmet, EnrolFailure::CertificateInvalid];
    all.extend(enrols.iter().map(|failure| (failure.code(), failure.remedy())));
    for failure in &sends {
        listed(failure);
    }
    all
}

/// Names every variant that [`failures`] lists.
const fn listed(failure: &SendFailure) {
    match failure {
        SendFailure::Offline
        | SendFailure::ConnectionRefused
        | SendFailure::TimedOut
        | SendFailure::CertificateRefused
        | SendFailure::Throttled(_)
        | SendFailure::Unavailable(_)
        | SendFailure::Redirected
        | SendFailure::Problem(_) => {}
        SendFailure::Key(
            KeyFailure::Locked | KeyFailure::Busy | KeyFailure::Gone | KeyFailure::Unsupported,
        ) => {}
        SendFailure::NotTrusted(distrust) => match distrust.reason {
            DistrustReason::UnknownIssuer
            | DistrustReason::WrongName
            | DistrustReason::WrongPin
            | DistrustReason::Validity
            | DistrustReason::Malformed => {}
        },
        SendFailure::Unreadable(Unreadable::Truncated | Unreadable::TooLarge | Unreadable::Malformed) => {}
    }
}
