//! `signalbox discover`: an estate file from a real account.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::Args;
use color_eyre::Result;
use color_eyre::eyre::{WrapErr as _, eyre};

use super::common::sdk;
use super::exit::Exit;
use super::io::{complain, put, say};
use crate::discover::{self, Found, Wanted};
use crate::estate::{Account, Endpoints, Estate, PairName, Region, Resolver};
use crate::files;
use crate::hygiene::{shell, visible};

/// Writes an estate file from what the account has; reads only, asks nothing.
#[derive(Debug, Args)]
pub struct DiscoverArgs {
    /// A region pair, if the controls' names do not show it: NAME=ACTIVE,STANDBY. May be repeated.
    #[arg(long, value_name = "NAME=ACTIVE,STANDBY", value_parser = pair)]
    pair: Vec<Wanted>,
    /// The ARC cluster, by name or ARN, if there are several [default: the first].
    #[arg(long, value_name = "CLUSTER", conflicts_with = "refresh")]
    cluster: Option<String>,
    /// The file to write [default: standard output]
    #[arg(long, short, value_name = "FILE", conflicts_with = "refresh")]
    output: Option<PathBuf>,
    /// With --output: replace an existing file.
    #[arg(long, requires = "output")]
    force: bool,
    /// Add what is new to this file; leave the rest of it as it is.
    #[arg(long, value_name = "FILE")]
    refresh: Option<PathBuf>,
    /// With --refresh: show what would change, and write nothing.
    #[arg(long, requires = "refresh")]
    dry_run: bool,
    /// A file with `[[accounts]]`, all of which are walked; other parts of it are passed over [default: those of the
    /// file of --refresh or --endpoints]
    #[arg(long, value_name = "FILE")]
    accounts: Option<PathBuf>,
    /// An estate file to take `[endpoints]`, accounts and resolvers from, for a simulator or VPC endpoints.
    #[arg(long, value_name = "FILE")]
    endpoints: Option<PathBuf>,
}

/// Runs the discovery. Exit code 8 if something could not be read, 2 if the output file exists already.
///
/// # Errors
/// If the account or its cluster cannot be read, or the file cannot be written.
pub async fn run(args: DiscoverArgs) -> Result<Exit> {
    if let Some(file) = args.output.as_deref().filter(|f| !args.force && f.exists()) {
        let name = file.display().to_string();
        complain!(
            "signalbox: {} exists already; `--refresh {}` adds what is new and keeps what stands in it, \
             `--force` replaces it",
            visible(&name),
            shell::path(file)
        );
        return Ok(Exit::Usage);
    }
    let (endpoints, resolvers, mut accounts) = match args.endpoints.as_deref().or(args.refresh.as_deref()) {
        Some(file) => known(file)?,
        None => (Endpoints::default(), Vec::new(), Vec::new()),
    };
    if let Some(file) = &args.accounts {
        accounts = accounts_of(file)?;
    }
    let sdk = sdk(&discover::bare(endpoints.clone(), accounts.clone())).await;
    sdk.signed_in().await;
    let now = crate::runtime::Clock::real().now().wall;
    // Where nobody looks, nobody waits.
    let shown = std::io::stderr().is_terminal();
    let tell = |read: &str| complain!("read {}", visible(read));
    let progress: discover::Progress<'_> = &tell;
    let (cluster, progress) = (args.cluster.as_deref(), shown.then_some(progress));
    let ask = discover::Ask { pairs: &args.pair, cluster, progress, accounts: &accounts };
    let found = discover::discover(&sdk, endpoints, ask, resolvers, now).await?;
    if let Some(file) = &args.refresh {
        refresh(file, &found, args.dry_run)?;
    } else {
        let document = discover::document(&found).map_err(|e| eyre!("failed to write it as TOML: {e}"))?.to_string();
        match &args.output {
            None => put!("{document}"),
            Some(file) => put(file, &document)?,
        }
        if let Err(faults) =
            Estate::parse(&document, args.output.as_deref().map_or("it", |p| p.to_str().unwrap_or("it")))
        {
            complain!("signalbox: what was found is not a whole estate yet; mend this by hand:");
            faults.0.iter().for_each(|fault| complain!("{}", visible(&fault.to_string())));
        }
    }
    summary(&found);
    Ok(if found.unread.is_empty() { Exit::Ok } else { Exit::Impaired })
}

fn pair(text: &str) -> Result<Wanted, String> {
    let parts = text.split_once('=').and_then(|(name, sides)| Some((name, sides.split_once(',')?)));
    let (name, (active, standby)) = parts
        .filter(|(name, (active, standby))| ![*name, *active, *standby].iter().any(|t| t.trim().is_empty()))
        .ok_or("it is not NAME=ACTIVE,STANDBY, such as east=us-east-1,us-east-2")?;
    let region = |t: &str| Region::new(t.trim());
    Ok(Wanted { name: PairName::new(name.trim()), active: region(active), standby: region(standby) })
}

/// What an estate file knows of AWS: endpoints, resolvers, accounts.
fn known(file: &Path) -> Result<(Endpoints, Vec<Resolver>, Vec<Account>)> {
    let name = file.display().to_string();
    let text = files::read_text(file, files::ESTATE).wrap_err_with(|| format!("failed to read {name}"))?;
    let estate = Estate::parse(&text, &name).wrap_err("failed to understand the estate file")?;
    Ok((estate.endpoints, estate.resolvers, estate.accounts))
}

fn accounts_of(file: &Path) -> Result<Vec<Account>> {
    let name = file.display().to_string();
    let text = files::read_text(file, files::ESTATE).wrap_err_with(|| format!("failed to read {name}"))?;
    Estate::accounts(&text, &name).wrap_err("failed to understand the accounts")
}

fn refresh(file: &Path, found: &Found, dry_run: bool) -> Result<()> {
    let name = file.display().to_string();
    let text = files::read_text(file, files::ESTATE).wrap_err_with(|| format!("failed to read {name}"))?;
    let shown = visible(&name);
    let done = discover::refresh(&text, &name, found).wrap_err("failed to refresh the file; it was left as it is")?;
    for (sign, lines) in [("+", &done.added), ("-", &done.gone), ("≠", &done.differs), ("·", &done.ignored)] {
        lines.iter().for_each(|line| say!("{sign} {}", visible(line)));
    }
    if !done.ignored.is_empty() {
        say!("· stays out: [discover] ignore says so");
    }
    if done.text == text {
        say!("{shown} is up to date");
    } else if dry_run {
        say!("{shown} was not written (--dry-run)");
    } else {
        std::fs::copy(file, file.with_extension("toml.before")).wrap_err("failed to keep a copy of the file")?;
        put(file, &done.text)?;
    }
    Ok(())
}

/// Writes a file whole or not at all.
fn put(file: &Path, text: &str) -> Result<()> {
    let beside = file.with_extension("toml.new");
    let put = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, file));
    // Half a file helps nobody, and on a full disk its room does.
    put.inspect_err(|_| drop(std::fs::remove_file(&beside)))
        .wrap_err_with(|| format!("failed to write {}", file.display()))?;
    say!("written to {}", visible(&file.display().to_string()));
    Ok(())
}

fn summary(found: &Found) {
    let e = &found.estate;
    let readings: usize = e.systems.iter().map(|s| s.readings.len()).sum();
    complain!(
        "found {} pairs, {} services, {} routing controls, {} safety rules, {} health checks, {} systems with {readings} readings",
        e.pairs.len(),
        e.services.len(),
        e.controls().count(),
        e.safety_rules.len(),
        e.health_checks.len(),
        e.systems.len()
    );
    found.remarks.iter().for_each(|r| complain!("▲ {}", visible(r)));
    found.unread.iter().for_each(|u| complain!("✖ not read: {}", visible(u)));
}
